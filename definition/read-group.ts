/** `GROUP BY key, TUMBLE(event_time, size) | HOP(event_time, slide, size) | SESSION(event_time, gap)`, in any order. */
import type { FuncCall, Node, SelectStmt } from 'libpg-query'
import type { GroupWindow, Interval } from './model.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import { type Key, readEventTime, readKeyColumns } from './read-key.ts'
import { readInterval } from './read-values.ts'

export type Grouping = { key: Key; group: GroupWindow }
type Context = Omit<ReadContext, 'windowOf' | 'partitionOf'>

const KINDS = ['tumble', 'hop', 'session'] as const
/** Flink's functions and order of arguments. */
const FORMS = {
  tumble: "TUMBLE(event_time, INTERVAL '1' HOUR)",
  hop: "HOP(event_time, INTERVAL '5' MINUTE, INTERVAL '1' HOUR): the slide, then the size",
  session: "SESSION(event_time, INTERVAL '30' MINUTE)",
}

/** Stands for a window with a reported problem, so that the columns over it are checked. */
const UNSOUND: GroupWindow = { kind: 'tumble', size: { months: 0, days: 1, ms: 0 } }

/** Undefined: there is no GROUP BY. What is wrong with it is reported. */
export function readGrouping(select: SelectStmt, context: Context, eventTime: string | undefined): Grouping | undefined {
  const clause = select.groupClause ?? []
  const [first] = clause
  if (!first) return undefined
  const { problem, places, tokens } = context
  const start = firstLocation(clause) ?? tokens.find(0, (text) => text === 'group')?.start
  const calls = clause.flatMap((node) => ('FuncCall' in node ? [node.FuncCall] : []))
  const columns = clause.filter((node) => !('FuncCall' in node))
  const [call, second] = calls
  if (second) problem('mixed_windows', second.location, 'a view has one window of GROUP BY', 'make two views of it')
  if (!call) problem('no_window', start, 'GROUP BY needs a window beside the key', FORMS.tumble)
  if (columns.length === 0) problem('no_key', start, 'GROUP BY names no key', 'add the fields that features are keyed by')
  const key = readKeyColumns(columns, 'GROUP BY', context) ?? { names: [], bytes: [] }
  const group = call && readCall(call, context, eventTime)
  if (call && group) {
    places.set(group, '', tokens.place(call.location))
    const lengths = { tumble: ['size'], hop: ['slide', 'size'], session: ['gap'] }[group.kind]
    for (const [i, part] of lengths.entries()) places.set(group, part, tokens.place(firstLocation(call.args?.[i + 1]) ?? call.location))
  }
  return { key, group: group ?? UNSOUND }
}

function readCall(call: FuncCall, context: Context, eventTime: string | undefined): GroupWindow | undefined {
  const { problem } = context
  const name = call.funcname?.map((part) => ('String' in part ? part.String.sval : '')).at(-1)
  const kind = KINDS.find((one) => one === name)
  if (!kind) {
    problem('not_yet', call.location, 'a key that is an expression is not available yet', `windows are ${KINDS.join(', ').toUpperCase()}`)
    return undefined
  }
  const [time, ...rest] = call.args ?? []
  const isSound = readEventTime(time, eventTime, `${kind.toUpperCase()} goes by`, FORMS[kind], context)
  const wanted = kind === 'hop' ? 2 : 1
  if (rest.length !== wanted) {
    problem(
      'wrong_arguments',
      call.location,
      `${kind.toUpperCase()} takes the event time and ${wanted} interval${wanted > 1 ? 's' : ''}`,
      FORMS[kind],
    )
    return undefined
  }
  const [first, second] = rest.map((node) => readLength(node, kind, context))
  if (!isSound || !first || (kind === 'hop' && !second)) return undefined
  if (kind === 'tumble') return { kind, size: first }
  return kind === 'session' ? { kind, gap: first } : { kind, slide: first, size: second as Interval }
}

function readLength(node: Node, kind: (typeof KINDS)[number], context: Context): Interval | undefined {
  const interval = readInterval(node, context)
  if (interval !== 'none') return interval
  context.problem('bad_interval', firstLocation(node), `${kind.toUpperCase()} takes constant intervals`, FORMS[kind])
  return undefined
}
