/** The tokens of a text by their byte positions: the tree has no places for aliases, and does not say what was quoted. */
import { scanSync, type ScanToken } from 'libpg-query'
import { readIdentifier, type WrittenName } from './identifiers.ts'
import { type Place, SourceText } from './source-text.ts'

const MAX_IDENTIFIER_LENGTH = 128

export class SqlTokens {
  readonly source: SourceText
  readonly comments: ScanToken[]
  readonly #tokens: ScanToken[]
  readonly #indexByStart: Map<number, number>

  constructor(sql: string) {
    this.source = new SourceText(sql)
    const { tokens } = scanSync(sql)
    const isComment = ({ tokenName }: ScanToken) => tokenName === 'C_COMMENT' || tokenName === 'SQL_COMMENT'
    this.comments = tokens.filter(isComment)
    this.#tokens = tokens.filter((token) => !isComment(token))
    this.#indexByStart = new Map(this.#tokens.map(({ start }, i) => [start, i]))
  }

  /** The place of the token that starts at a byte (the tree leaves out a location of 0, and writes -1 for none). */
  place(byte: number | undefined): Place {
    const token = this.at(byte ?? 0)
    return token ? this.source.span(token.start, token.end) : this.source.fromByte(Math.max(0, byte ?? 0))
  }

  at(byte: number | undefined, ahead = 0): ScanToken | undefined {
    const index = this.#indexByStart.get(byte ?? 0)
    return index === undefined ? undefined : this.#tokens[index + ahead]
  }

  /** The last token before a byte. */
  before(byte: number): ScanToken | undefined {
    const index = this.#indexByStart.get(byte)
    return index === undefined ? this.#tokens.findLast(({ end }) => end <= byte) : this.#tokens[index - 1]
  }

  /** First token from a byte on (inclusive) that the test accepts, outside any parentheses opened on the way. */
  find(fromByte: number, accepts: (text: string) => boolean): ScanToken | undefined {
    let depth = 0
    for (let i = this.#tokens.findIndex(({ start }) => start >= fromByte); i >= 0 && i < this.#tokens.length; i++) {
      const token = this.#tokens[i]
      if (!token) break
      if (depth === 0 && accepts(token.text.toLowerCase())) return token
      if (token.text === '(' || token.text === '[') depth++
      if (token.text === ')' || token.text === ']') depth--
      if (depth < 0) break
    }
    return undefined
  }

  first(): ScanToken | undefined {
    return this.#tokens[0]
  }

  /** The identifier written at a token; `folded` is what the parser made of it (it cuts names at 63 bytes, we do not). */
  name(token: ScanToken | undefined, folded: string): WrittenName {
    if (!token || token.text.length > MAX_IDENTIFIER_LENGTH * 4) return { name: folded, quoted: true }
    if (/^u&"/i.test(token.text)) return { name: folded, quoted: true }
    const written = readIdentifier(token.text)
    // anything but a plain identifier here means that the token is not the name's own: trust the tree
    const same =
      written.name === folded || (new TextEncoder().encode(written.name).length > 63 && written.name.startsWith(folded.slice(0, 15)))
    return same ? written : { name: folded, quoted: false }
  }
}
