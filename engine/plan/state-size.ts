/**
 * About how much memory the state of a view takes: keys, and what is kept of each of their events (or panes). An estimate: from what a
 * running job holds where there is one, else from the log. Pure. The weights are those that were measured, see the test.
 */
import { tablesOf } from './tables.ts'
import type { Plan } from './plan.ts'

export type Road = 'compiled' | 'plain'
export interface PlannedState {
  readonly plan: Plan
  readonly road: Road
}
/** What the log holds now, and how much of event time it spans. */
export interface LogSize {
  readonly events: number
  readonly spanMs: number
}
export interface HeldState extends PlannedState {
  readonly keys: number
  readonly stateBytes: number
}

const KEY_BYTES = 400
/** a row's time, position and links; of a pane its number */
const ENTRY_BYTES = 40
const VALUE_BYTES = 12
/** slabs hold blocks of rows in powers of two, on whole cache lines, and what the windows need of them beside the rows */
const SLACK = { compiled: 3, plain: 1 }

const entryBytes = ({ plan, road }: PlannedState): number =>
  SLACK[road] * (ENTRY_BYTES + VALUE_BYTES * (tableOf({ plan, road }).name === 'panes' ? plan.aggregates.length * 2 : plan.columns.length))

const tableOf = ({ plan, road }: PlannedState) => tablesOf(plan, road)[0]!

/** Null: it depends on how many keys there are, which is not known. `isLeast`: keys come on top. */
export function estimateStateBytes(wanted: PlannedState, log: LogSize, held: HeldState | null): { bytes: number; isLeast: boolean } | null {
  if (held === null) {
    const entries = entriesOf(wanted, log, null)
    return entries === null || entries === 0 ? null : { bytes: entries * entryBytes(wanted), isLeast: true }
  }
  // What the running job really holds says how good the same arithmetic is.
  const reckoned = reckonedBytes(held, log, held.keys)
  return { bytes: (reckonedBytes(wanted, log, held.keys) * held.stateBytes) / reckoned, isLeast: false }
}

/** By the weights alone. */
export function reckonedBytes(state: PlannedState, log: LogSize, keys: number): number {
  return keys * KEY_BYTES + entriesOf(state, log, keys)! * entryBytes(state)
}

/** Rows or panes of all keys together. */
function entriesOf({ plan, road }: PlannedState, { events, spanMs }: LogSize, keys: number | null): number | null {
  const { reachMs, newestRows } = tableOf({ plan, road })
  const withinReach = spanMs > 0 ? events * Math.min(1, reachMs / spanMs) : reachMs > 0 ? events : 0
  if (tableOf({ plan, road }).name === 'panes') {
    const panes = Math.ceil(Math.min(reachMs, spanMs) / plan.windows[0]!.precisionMs!) + 1
    return keys === null ? null : Math.min(withinReach, keys * panes)
  }
  if (newestRows === 0) return withinReach
  return keys === null ? null : Math.min(events, withinReach + keys * newestRows)
}
