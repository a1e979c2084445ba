/** What a SELECT reads: one stream by its name, or a union in parentheses. */
import type { Node, RangeVar, SelectStmt } from 'libpg-query'
import { listNames } from './check-scope.ts'
import { findName } from './identifiers.ts'
import type { StreamSchema } from './model.ts'
import type { SelectContext } from './read-clauses.ts'
import { firstLocation } from './read-context.ts'
import { didYouMean } from './suggest.ts'

export type Table = {
  kind: 'stream'
  name: string
  stream: StreamSchema | undefined
  qualifiers: string[]
  renames: boolean
  byte: number
}
type Subselect = Extract<Node, { RangeSubselect: unknown }>['RangeSubselect']

/** What a SELECT reads; `start`: where it begins. Undefined: something else, and that is reported. */
export function readTable(
  select: SelectStmt,
  context: SelectContext,
  start: number | undefined,
): Table | { kind: 'union'; node: Subselect } | undefined {
  const { problem, tokens, streams } = context
  const [first, second] = select.fromClause ?? []
  if (!first) {
    const [stream] = streams
    problem('unknown_stream', start, 'the view reads from no stream', stream ? `add FROM ${stream.name}` : 'add FROM and a stream')
    return undefined
  }
  const refuse = (node: Node, what: string, hint?: string) => {
    problem(
      'not_yet',
      firstLocation(node) ?? tokens.find(start ?? 0, (text) => text === 'from')?.start,
      `${what} is not available yet`,
      hint,
    )
    return undefined
  }
  if ('JoinExpr' in first) return refuse(first, 'a join')
  if (second) return refuse(second, 'a join')
  if ('RangeSubselect' in first) {
    if (isUnion(first.RangeSubselect.subquery)) return { kind: 'union', node: first.RangeSubselect }
    return refuse(first, 'a subquery in FROM', 'FROM takes a stream, or a UNION ALL of streams: (SELECT … UNION ALL SELECT …) AS events')
  }
  if (!('RangeVar' in first)) return refuse(first, 'anything but a stream in FROM')
  return readStream(first.RangeVar, context)
}

function isUnion(query: Node | undefined): boolean {
  return query !== undefined && 'SelectStmt' in query && query.SelectStmt.op !== undefined && query.SelectStmt.op !== 'SETOP_NONE'
}

function readStream(table: RangeVar, { problem, tokens, streams }: SelectContext): Table | undefined {
  const byte = table.location ?? 0
  const names = streams.map(({ name }) => name)
  if (table.schemaname || table.catalogname) {
    problem(
      'unknown_stream',
      byte,
      `\`${[table.catalogname, table.schemaname, table.relname].filter(Boolean).join('.')}\` is no stream`,
      'a stream has a name of one part',
    )
    return undefined
  }
  const written = tokens.name(tokens.at(byte), table.relname ?? '')
  const { found, several } = findName(written, names)
  if (several)
    problem(
      'ambiguous_name',
      byte,
      `\`${written.name}\` could be ${several.map((one) => `"${one}"`).join(' or ')}`,
      'put the one you mean in double quotes',
    )
  else if (found === undefined)
    problem(
      'unknown_stream',
      byte,
      `there is no stream \`${written.name}\``,
      didYouMean(written.name, names) ?? (names.length ? `streams are ${listNames(names)}` : 'create a stream first'),
    )
  const name = found ?? written.name
  const stream = streams.find((one) => one.name === found)
  return {
    kind: 'stream',
    name,
    stream,
    qualifiers: [table.alias?.aliasname ?? name],
    renames: Boolean(table.alias?.colnames?.length),
    byte,
  }
}
