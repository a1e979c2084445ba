/** Fields that a clause names: the key of PARTITION BY and GROUP BY, and the event time. */
import type { Node } from 'libpg-query'
import { findName } from './identifiers.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import { didYouMean } from './suggest.ts'

export type Key = { names: string[]; bytes: number[] }
type Context = Omit<ReadContext, 'windowOf' | 'partitionOf'>

/** Undefined: a column is no field's name, and the reason is reported. */
export function readKeyColumns(columns: readonly Node[], clause: string, context: Context): Key | undefined {
  const { problem, fields } = context
  const names: string[] = []
  const bytes: number[] = []
  for (const column of columns) {
    const read = readColumn(column, context)
    if (!read) {
      problem('not_yet', firstLocation(column), 'a key that is an expression is not available yet', `${clause} takes fields`)
      return undefined
    }
    const { written, location, found, several } = read
    if (several)
      problem(
        'ambiguous_name',
        location,
        `\`${written.name}\` could be ${several.map((one) => `"${one}"`).join(' or ')}`,
        'put the one you mean in double quotes',
      )
    else if (found === undefined && fields.length > 0)
      problem('unknown_field', location, `there is no field \`${written.name}\``, didYouMean(written.name, fields))
    const field = found ?? written.name
    if (names.includes(field)) problem('duplicate_alias', location, `\`${field}\` stands twice in the key`)
    names.push(field)
    bytes.push(location ?? 0)
  }
  return { names, bytes }
}

/** Whether this is the stream's event time, by its own name or as `event_time`; if not, why. */
export function readEventTime(
  node: Node | undefined,
  eventTime: string | undefined,
  what: string,
  hint: string,
  context: Context,
): boolean {
  const { problem, fields } = context
  const refuse = (message: string) => {
    problem('bad_window_order', firstLocation(node), message, hint)
    return false
  }
  const read = node && readColumn(node, context)
  if (!read) return refuse(`${what} the event time`)
  if (eventTime === undefined) return true // the stream is unknown: that is the problem to report
  const { written, location, found } = read
  if (found === eventTime || (found === undefined && written.name === 'event_time')) return true
  if (found !== undefined) return refuse(`${what} the event time, which is \`${eventTime}\`, not \`${found}\``)
  if (fields.length > 0)
    problem(
      'unknown_field',
      location,
      `there is no field \`${written.name}\``,
      didYouMean(written.name, [eventTime, 'event_time']) ?? `the event time is \`${eventTime}\``,
    )
  return false
}

function readColumn(node: Node, { tokens, problem, fields, qualifiers }: Context) {
  if (!('ColumnRef' in node)) return undefined
  const { fields: parts = [], location } = node.ColumnRef
  const [first, last] = [parts[0], parts.at(-1)]
  if (!last || !('String' in last)) return undefined
  const qualifier = parts.length > 1 && first && 'String' in first ? first.String.sval : undefined
  if (qualifier !== undefined && !qualifiers.some((one) => one.toLowerCase() === qualifier.toLowerCase()))
    problem('unknown_stream', location, `\`${qualifier}\` is not the stream of this view`, didYouMean(qualifier, qualifiers))
  const written = tokens.name(tokens.at(location, (parts.length - 1) * 2), last.String.sval ?? '')
  return { written, location, ...findName(written, fields) }
}
