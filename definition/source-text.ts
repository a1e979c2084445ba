/**
 * Positions in a text. PostgreSQL's tree counts UTF-8 bytes, its error messages count code points, JavaScript counts
 * UTF-16 units, and a person counts lines and columns from 1 in code points: every conversion is here.
 */
export type Place = { line: number; column: number; endColumn?: number }

export const START: Place = { line: 1, column: 1 }

/** Length in UTF-8 bytes of the character that starts with this code point (a lone surrogate is written as 3 bytes). */
function byteLength(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
}

export class SourceText {
  readonly text: string
  /** First byte, and UTF-16 index, of each code point; one more entry for the end. */
  readonly #byteStarts: number[] = []
  readonly #unitStarts: number[] = []
  /** Code point index at which each line starts. */
  readonly #lineStarts: number[] = [0]

  constructor(text: string) {
    this.text = text
    let bytes = 0
    let units = 0
    let index = 0
    for (const char of text) {
      const codePoint = char.codePointAt(0) ?? 0
      this.#byteStarts.push(bytes)
      this.#unitStarts.push(units)
      bytes += byteLength(codePoint)
      units += char.length
      index++
      // \r\n is one line break: the line starts after \n; a lone \r breaks a line too
      if (char === '\n' || (char === '\r' && text[units] !== '\n')) this.#lineStarts.push(index)
    }
    this.#byteStarts.push(bytes)
    this.#unitStarts.push(units)
  }

  /** Length in code points. */
  get length(): number {
    return this.#byteStarts.length - 1
  }

  fromByte(byte: number): Place {
    return this.fromCodePoint(lastAtMost(this.#byteStarts, byte))
  }

  fromUnit(unit: number): Place {
    return this.fromCodePoint(lastAtMost(this.#unitStarts, unit))
  }

  fromCodePoint(codePoint: number): Place {
    const at = Math.min(Math.max(codePoint, 0), this.length)
    const line = lastAtMost(this.#lineStarts, at)
    return { line: line + 1, column: at - (this.#lineStarts[line] ?? 0) + 1 }
  }

  /** The place of a span of bytes; `endColumn` (exclusive) only where it ends on the same line. */
  span(startByte: number, endByte: number): Place {
    const start = this.fromByte(startByte)
    const end = this.fromByte(endByte)
    return end.line === start.line && end.column > start.column ? { ...start, endColumn: end.column } : start
  }
}

/** Index of the last entry ≤ value in an ascending list (0 if there is none). */
function lastAtMost(ascending: number[], value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((ascending[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}
