/** The intermediate tables of the new version, and what of them the running job has already. Pure. */
import type { TableFate } from '../../../contract/release-check.ts'
import { printExpr } from '../../../definition/print-sql.ts'
import type { Plan } from '../../plan/plan.ts'
import { isLifetime, type StateChange } from '../../plan/state-change.ts'
import { readersOfAggregate, tablesOf } from '../../plan/tables.ts'
import type { PlannedState } from '../../plan/state-size.ts'

/** `change`: against the plan whose state is gone on with; null: of nothing. */
export function tableFates({ plan, road }: PlannedState, kept: Plan | null, change: StateChange | null): TableFate[] {
  const isDeeper = change?.isDeeper ?? false
  const [entries] = tablesOf(plan, road)
  const columns = entries!.columns.map((column, i) => ({
    expr: column.expr,
    readers: [...column.readers],
    reused: (change?.columns[i] ?? -1) >= 0,
  }))
  const lifetime = plan.aggregates.flatMap((aggregate, slot) =>
    isLifetime(plan, aggregate)
      ? [{ expr: printExpr(aggregate.expr), readers: readersOfAggregate(plan, slot), reused: (change?.bases[slot] ?? -1) >= 0 }]
      : [],
  )
  const keptCode = new Set(kept && change ? kept.code.map(({ id }) => id) : [])
  const code = plan.code.map(({ feature, id }) => ({ expr: feature.name, readers: [feature.name], reused: keptCode.has(id) }))
  const table = (kind: TableFate['kind'], all: TableFate['columns'], reachMs: number | null, reachesFurther = false): TableFate => ({
    kind,
    fate: change && all.every(({ reused }) => reused) && !reachesFurther ? 'reused' : change && isAnyKept(kind, all) ? 'extended' : 'new',
    columns: all,
    reachMs,
    reachesFurther,
  })
  return [
    ...(keepsEntries(plan) ? [table(entries!.name, columns, entries!.reachMs, isDeeper)] : []),
    ...(lifetime.length > 0 ? [table('lifetime', lifetime, null)] : []),
    ...(code.length > 0 ? [table('code', code, null)] : []),
  ]
}

/** Rows are kept with their times whatever columns they have: a table of rows goes on even where each column of it is new. */
const isAnyKept = (kind: TableFate['kind'], columns: TableFate['columns']) => kind === 'rows' || columns.some(({ reused }) => reused)

const keepsEntries = (plan: Plan): boolean => plan.columns.length > 0 || plan.windows.length > 0 || plan.group !== null
