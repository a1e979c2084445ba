/**
 * Values that a backfill adds to rows of the history that stand already, many rows in one block: by column, found by the row's offset.
 * A block's body: the columns of numbers (8 bytes a value, NaN where NULL), then offsets as their distance to the first (4 bytes), then
 * the other columns as JSON, an array of values for each.
 */
import { endianness } from 'node:os'
import type { ResultRow, Value } from './port.ts'

export const BLOCK_ROWS = 4096
const FARTHEST = 2 ** 31 - 1

/** How the values of a column stand in a block. */
export type FillColumn = 'number' | 'boolean' | 'json'

export interface FillBlock {
  readonly partition: number
  readonly firstOffset: number
  readonly minOffset: number
  readonly maxOffset: number
  readonly rows: number
  readonly body: Uint8Array<ArrayBuffer>
}

const NUMBERS = new Set(['int', 'double', 'timestamp'])
if (endianness() !== 'LE') throw new Error('Blocks of the history are in little-endian order, which is not that of this machine.')

export function fillColumn(type: string): FillColumn {
  if (type === 'boolean') return 'boolean'
  return NUMBERS.has(type) || /^decimal\(\d+,\d+\)$/.test(type) ? 'number' : 'json'
}

/** Takes rows, hands on a block when one is full. */
export class FillPacker {
  private readonly columns: readonly FillColumn[]
  private readonly full: (block: FillBlock) => void
  private readonly open = new Map<number, OpenBlock>()

  constructor(columns: readonly FillColumn[], full: (block: FillBlock) => void) {
    this.columns = columns
    this.full = full
  }

  add(row: ResultRow): void {
    let block = this.open.get(row.partition)
    if (block && Math.abs(row.offset - block.firstOffset) > FARTHEST) this.close(block)
    block = this.open.get(row.partition)
    if (!block) this.open.set(row.partition, (block = new OpenBlock(this.columns, row)))
    block.add(row)
    if (block.rows === BLOCK_ROWS) this.close(block)
  }

  /** Hands on what there is. */
  flush(): void {
    for (const block of [...this.open.values()]) this.close(block)
  }

  private close(block: OpenBlock): void {
    this.open.delete(block.partition)
    this.full(block.done())
  }
}

class OpenBlock {
  readonly partition: number
  readonly firstOffset: number
  rows = 0
  private minOffset: number
  private maxOffset: number
  private readonly offsets = new Int32Array(BLOCK_ROWS)
  private readonly columns: readonly FillColumn[]
  private readonly numbers: readonly Float64Array[]
  private readonly others: readonly Value[][]
  /** by feature: where its column stands among its kind */
  private readonly at: readonly number[]

  constructor(columns: readonly FillColumn[], first: ResultRow) {
    this.partition = first.partition
    this.firstOffset = this.minOffset = this.maxOffset = first.offset
    this.columns = columns
    const isNumber = (column: FillColumn) => column !== 'json'
    this.numbers = columns.filter(isNumber).map(() => new Float64Array(BLOCK_ROWS))
    this.others = columns.filter((column) => !isNumber(column)).map(() => [])
    this.at = columns.map((column, i) => columns.slice(0, i).filter((before) => isNumber(before) === isNumber(column)).length)
  }

  add({ offset, values }: ResultRow): void {
    const { columns, at } = this
    const n = this.rows++
    this.offsets[n] = offset - this.firstOffset
    if (offset < this.minOffset) this.minOffset = offset
    if (offset > this.maxOffset) this.maxOffset = offset
    for (let c = 0; c < columns.length; c++) {
      const value = values[c]!
      if (columns[c] === 'json') this.others[at[c]!]!.push(value)
      else this.numbers[at[c]!]![n] = value === null ? Number.NaN : Number(value)
    }
  }

  done(): FillBlock {
    const { partition, firstOffset, minOffset, maxOffset, rows, numbers, others } = this
    const texts = others.length === 0 ? new Uint8Array(0) : new TextEncoder().encode(JSON.stringify(others))
    const body = new Uint8Array(rows * (8 * numbers.length + 4) + texts.length)
    numbers.forEach((column, i) => body.set(bytesOf(column.subarray(0, rows)), i * rows * 8))
    body.set(bytesOf(this.offsets.subarray(0, rows)), numbers.length * rows * 8)
    body.set(texts, rows * (8 * numbers.length + 4))
    return { partition, firstOffset, minOffset, maxOffset, rows, body }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Int32Array) => new Uint8Array(buffer, byteOffset, byteLength)

/** A block as it is read back. */
export class StoredFill {
  private readonly firstOffset: number
  private readonly distances: Int32Array
  private readonly columns: readonly FillColumn[]
  private readonly values: readonly (Float64Array | Value[])[]

  constructor(columns: readonly FillColumn[], { firstOffset, rows, body }: Pick<FillBlock, 'firstOffset' | 'rows'> & { body: Uint8Array }) {
    const own = new Uint8Array(body) // aligned
    const numbers = columns.filter((column) => column !== 'json').length
    const offsetsAt = numbers * rows * 8
    this.firstOffset = firstOffset
    this.columns = columns
    this.distances = new Int32Array(own.buffer, offsetsAt, rows)
    const texts = own.subarray(offsetsAt + rows * 4)
    const others = texts.length === 0 ? [] : (JSON.parse(new TextDecoder().decode(texts)) as Value[][])
    let [number, other] = [0, 0]
    this.values = columns.map((column) => (column === 'json' ? others[other++]! : new Float64Array(own.buffer, number++ * rows * 8, rows)))
  }

  *offsets(): Generator<number> {
    for (const distance of this.distances) yield this.firstOffset + distance
  }

  /** The values of the row, by column; null: it is not in this block. */
  valuesAt(offset: number): Value[] | null {
    const row = this.distances.indexOf(offset - this.firstOffset)
    if (row < 0) return null
    return this.columns.map((column, c) => {
      const value = this.values[c]![row]!
      if (column === 'json') return value
      if (Number.isNaN(value)) return null
      return column === 'boolean' ? value === 1 : value
    })
  }
}
