/**
 * What of a kept state a changed view can go on with (DESIGN §6, §9): columns of the row table and lifetime aggregates are found again
 * by what they mean. What is not there has to be built from the log; what nobody reads any more is dropped. Pure.
 */
import { ignoresFrame } from '../../definition/functions.ts'
import { keepsPanes } from './fast-path.ts'
import { back, paneStart } from './frame.ts'
import { keepsBase, type Plan, type PlannedAggregate, type PlannedWindow, type Reach } from './plan.ts'
import { isByCount, rowNeed } from './row-need.ts'

/** Where a column or a base of the new plan comes from: an index in the kept plan, −1: it has to be built. */
export interface StateChange {
  readonly columns: readonly number[]
  /** by aggregate of the new plan */
  readonly bases: readonly number[]
  /** the new plan needs older rows than the kept one has */
  readonly isDeeper: boolean
  /** true: nothing has to be built, the kept state holds all that the new plan keeps */
  readonly isCovered: boolean
  /** columns of the kept plan that the new one has no use for */
  readonly droppedColumns: number
  /** why the kept state cannot be gone on with; null: it can */
  readonly refusal: StateRefusal | null
}

/** the events are others · panes hold no events · windows of GROUP BY · an aggregate over all time has taken in rows that are needed one by one */
export type StateRefusal = 'again_events' | 'again_panes' | 'again_group' | 'again_base'

/** Keeps something of rows that are gone: over all time, or whatever the frame. */
export const isLifetime = (plan: Plan, { window, expr }: PlannedAggregate): boolean =>
  (window >= 0 && keepsBase(plan.windows[window]!)) || ignoresFrame(expr.fn)

export function stateChange(kept: Plan, wanted: Plan): StateChange {
  const keptColumns = kept.columns.map((expr) => JSON.stringify(expr))
  const columns = wanted.columns.map((expr) => keptColumns.indexOf(JSON.stringify(expr)))
  const keptBases = kept.aggregates.map((aggregate) => (isLifetime(kept, aggregate) ? baseMeaning(kept, aggregate) : null))
  const bases = wanted.aggregates.map((aggregate) =>
    isLifetime(wanted, aggregate) ? keptBases.indexOf(baseMeaning(wanted, aggregate)) : -1,
  )
  const isDeeper = !wanted.windows.every((window) => kept.windows.some((other) => keepsFor(other, window)))
  const keptCode = new Set(kept.code.map(({ id }) => id))
  const hasNewCode = wanted.code.some(({ id }) => !keptCode.has(id))
  const hasNewBase = wanted.aggregates.some((aggregate, a) => isLifetime(wanted, aggregate) && bases[a] === -1)
  return {
    columns,
    bases,
    isDeeper,
    isCovered: !isDeeper && !hasNewBase && !hasNewCode && !columns.includes(-1),
    droppedColumns: kept.columns.filter((_, c) => !columns.includes(c)).length,
    refusal: refusalOf(kept, wanted, isDeeper && bases.some((base) => base >= 0)),
  }
}

function refusalOf(kept: Plan, wanted: Plan, keepsBaseBehindNewRows: boolean): StateRefusal | null {
  const events = ({ stream, keySlots, fields, where }: Plan) =>
    JSON.stringify([stream.name, keySlots.map((slot) => fields[slot]), where ?? null])
  if (events(kept) !== events(wanted) || !sameUnion(kept, wanted)) return 'again_events'
  if (keepsPanes(kept) || keepsPanes(wanted)) return 'again_panes'
  if (kept.group || wanted.group) return 'again_group'
  if (keepsBaseBehindNewRows) return 'again_base'
  return null
}

/** The same events of the same streams, and the columns that both read are the same under the same name. */
function sameUnion(kept: Plan, wanted: Plan): boolean {
  const rows = ({ branches }: Plan) => JSON.stringify(branches?.map(({ stream, where }) => [stream.name, where ?? null]))
  const columns = ({ fields, branches }: Plan) =>
    new Map(
      branches && fields.map(({ name, type }, slot) => [name, JSON.stringify([type, branches.map((branch) => branch.columns[slot])])]),
    )
  const before = columns(kept)
  const meanings = [...before.values()]
  const isFound = ([name, meaning]: [string, string]) => (before.has(name) ? before.get(name) === meaning : !meanings.includes(meaning))
  return rows(kept) === rows(wanted) && [...columns(wanted)].every(isFound)
}

/** The rows that are kept for one window are all that another one needs. */
function keepsFor(kept: PlannedWindow, wanted: PlannedWindow): boolean {
  const [has, needs] = [rowNeed(kept), rowNeed(wanted)]
  const oldest = (window: PlannedWindow, reach: Reach) => paneStart(window, back(A_MOMENT_MS, reach))
  if (oldest(kept, has.all) > oldest(wanted, needs.all)) return false
  if (!isByCount(needs)) return true
  if (needs.within !== 'unbounded' && oldest(kept, has.all) <= oldest(wanted, needs.within)) return true
  const reachesAsFar =
    has.within === 'unbounded' || (needs.within !== 'unbounded' && oldest(kept, has.within) <= oldest(wanted, needs.within))
  return has.count >= needs.count && (has.behindGroup || !needs.behindGroup) && reachesAsFar
}

/** Any moment does: reaches are compared, at the end of a long month. */
const A_MOMENT_MS = Date.UTC(2024, 4, 31)

function baseMeaning(plan: Plan, { expr, window }: PlannedAggregate): string {
  const { name: _, ...frame } = plan.windows[window]!
  return JSON.stringify([{ ...expr, window: '' }, frame])
}
