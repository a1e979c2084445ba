/** What the readers of a SELECT share, and the clauses that none of them takes. */
import type { SelectStmt } from 'libpg-query'
import type { Places } from './check-view.ts'
import type { CodeFeature, StreamSchema, UnionBranch } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import { firstLocation } from './read-context.ts'
import type { WindowHint } from './read-hints.ts'
import type { SqlTokens } from './sql-tokens.ts'

export type SelectContext = {
  tokens: SqlTokens
  places: Places
  unread: WeakSet<object>
  streams: readonly StreamSchema[]
  windowHints: readonly WindowHint[]
  code: readonly CodeFeature[]
  problem: (code: ProblemCode, byte: number | undefined, message: string, hint?: string) => void
}

/** What FROM says. */
export type From = {
  name: string
  union?: UnionBranch[]
  /** the columns to read the rest with; undefined where a stream is unknown, and that is reported */
  schema: { fields: string[]; eventTime: string } | undefined
  qualifiers: string[]
  byte: number
}

/** `start`: where the statement begins; of a part of a union, inside its parentheses. */
export function refuseClauses(select: SelectStmt, { tokens, problem }: SelectContext, start: number | undefined): void {
  const refuse = (present: unknown, byte: number | undefined, what: string, hint?: string) => {
    if (present) problem('not_yet', byte, `${what} is not available yet`, hint)
  }
  const word = (wanted: string) => tokens.find(start ?? 0, (text) => text === wanted)?.start
  refuse(select.withClause, select.withClause?.location, 'WITH')
  refuse(select.distinctClause?.length, word('distinct'), 'SELECT DISTINCT')
  refuse(select.intoClause, word('into'), 'INTO')
  refuse(select.havingClause, firstLocation(select.havingClause), 'HAVING', 'every window gives a row: leave rows out where they are read')
  refuse(select.sortClause?.length, firstLocation(select.sortClause), 'ORDER BY of the whole view', 'events are in order of event time')
  refuse(select.limitCount || select.limitOffset, firstLocation(select.limitCount ?? select.limitOffset) ?? word('limit'), 'LIMIT')
  refuse(select.lockingClause?.length, word('for'), 'FOR UPDATE')
}
