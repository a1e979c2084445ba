/**
 * Shared intermediate state (DESIGN §6), as it is shown: which tables a view keeps, how far back, and which features read them.
 * All exact windows of a view read one table of rows, which keeps each column once and reaches as far as the longest of them: a
 * shorter variant of a window, or another function of a column that is there, needs no new table. On the compiled road windows with panes
 * read one table of panes in the same way; the plain road keeps their rows.
 */
import { formatDurationMs } from '../../definition/interval.ts'
import type { Expr } from '../../definition/model.ts'
import { printExpr } from '../../definition/print-sql.ts'
import { keepsPanes } from './fast-path.ts'
import { oldestNeeded } from './frame.ts'
import { reachOf } from './group.ts'
import { aggregateSlot, codeSlot, type Plan } from './plan.ts'
import { rowNeed } from './row-need.ts'

export interface IntermediateTable {
  readonly name: 'rows' | 'panes'
  /** what one entry stands for: an event, or a pane of this width */
  readonly granularity: string
  /** kept of each row, besides its event time and position */
  readonly columns: readonly { readonly expr: string; readonly readers: readonly string[] }[]
  /** how long a row is asked for after its event time, allowed lateness apart */
  readonly reachMs: number
  /** and so many of the newest rows of a key, however old */
  readonly newestRows: number
  readonly readers: readonly string[]
}

/** Months are counted as their longest. */
export function tablesOf(plan: Plan, road: 'compiled' | 'plain'): IntermediateTable[] {
  const panesMs = road === 'compiled' && keepsPanes(plan) ? plan.windows[0]!.precisionMs : null
  const readers = plan.features.map(({ expr }) => columnsRead(plan, expr))
  const readersOf = (column: number) => plan.features.filter((_, i) => readers[i]!.has(column)).map(({ name }) => name)
  const anyMoment = 0
  return [
    {
      name: panesMs === null ? 'rows' : 'panes',
      granularity: panesMs === null ? 'row' : formatDurationMs(panesMs),
      columns: plan.columns.map((expr, column) => ({ expr: printExpr(expr), readers: readersOf(column) })),
      reachMs: plan.group ? reachOf(plan.group) : anyMoment - oldestNeeded(plan, anyMoment),
      newestRows: Math.max(0, ...plan.windows.map((window) => rowNeed(window).count)),
      readers: plan.features.filter(({ expr }) => readsRows(plan, expr)).map(({ name }) => name),
    },
  ]
}

/** Columns that a feature reads, through other features too. */
function columnsRead(plan: Plan, expr: Expr): Set<number> {
  const columns = new Set<number>()
  visit(plan, expr, (node) => {
    if (node.kind === 'field') columns.add(plan.latest.get(node.name)!)
    if (node.kind === 'code') for (const column of plan.code[codeSlot(plan.code, node)]!.inputs) columns.add(column)
    if (node.kind !== 'aggregate') return
    const { input, filter } = plan.aggregates[aggregateSlot(plan.aggregates, node)]!
    for (const column of [input, filter]) if (column >= 0) columns.add(column)
  })
  return columns
}

/** The features that read this aggregate, through other features too. */
export function readersOfAggregate(plan: Plan, slot: number): string[] {
  const reads = (expr: Expr): boolean => {
    let found = false
    visit(plan, expr, (node) => {
      if (node.kind === 'aggregate' && aggregateSlot(plan.aggregates, node) === slot) found = true
    })
    return found
  }
  return plan.features.filter(({ expr }) => reads(expr)).map(({ name }) => name)
}

function readsRows(plan: Plan, expr: Expr): boolean {
  let reads = false
  visit(plan, expr, (node) => {
    if (node.kind === 'aggregate' || node.kind === 'field') reads = true
  })
  return reads
}

/** Every expression node but those inside an aggregate or a call of a feature in TypeScript; a feature's own in its place. */
function visit(plan: Plan, value: unknown, each: (node: Expr) => void): void {
  if (typeof value !== 'object' || value === null) return
  const node = value as Expr
  if (node.kind === 'feature') visit(plan, plan.features.find(({ name }) => name === node.name)?.expr, each)
  else {
    if (typeof node.kind === 'string') each(node)
    if (node.kind !== 'aggregate' && node.kind !== 'code') for (const child of Object.values(node)) visit(plan, child, each)
  }
}
