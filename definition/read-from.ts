/** The FROM clause: a stream, or a union of streams. */
import type { SelectStmt } from 'libpg-query'
import type { From, SelectContext } from './read-clauses.ts'
import { readTable } from './read-table.ts'
import { readUnion } from './read-union.ts'

export function readFrom(select: SelectStmt, context: SelectContext): From | undefined {
  const { problem, tokens } = context
  const table = readTable(select, context, tokens.first()?.start)
  if (!table) return undefined
  if (table.kind === 'union') return readUnion(table.node, context)
  const { name, stream, qualifiers, byte } = table
  const schema = stream && { fields: stream.fields.map((field) => field.name), eventTime: stream.eventTime }
  if (table.renames) problem('not_yet', byte, 'renaming the columns of a stream is not available yet')
  return { name, schema, qualifiers, byte }
}
