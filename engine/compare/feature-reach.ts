/** How far back a feature looks from an instant, through the features that it is derived from. Pure. */
import { ignoresFrame } from '../../definition/functions.ts'
import type { Expr } from '../../definition/model.ts'
import { frameStart } from '../plan/frame.ts'
import { aggregateSlot, type Plan } from '../plan/plan.ts'

export interface FeatureReach {
  /** no event before it matters; −Infinity: any may */
  readonly fromMs: number
  /** it calls a feature in TypeScript */
  readonly hasCode: boolean
}

/** In the order of the plan's features. The key's latest event may be any. */
export function featureReaches(plan: Plan, atMs: number): FeatureReach[] {
  const byName = new Map<string, FeatureReach>()
  return plan.features.map(({ name, expr }) => {
    const reach = reachOf(plan, expr, atMs, byName)
    byName.set(name, reach)
    return reach
  })
}

function reachOf(plan: Plan, expr: Expr, atMs: number, byName: ReadonlyMap<string, FeatureReach>): FeatureReach {
  let fromMs = plan.group ? Number.NEGATIVE_INFINITY : atMs
  let hasCode = false
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Expr
    if (node.kind === 'aggregate') {
      const window = plan.windows[plan.aggregates[aggregateSlot(plan.aggregates, node)]?.window ?? -1]
      const isBounded = window && !window.rows && !ignoresFrame(node.fn)
      fromMs = Math.min(fromMs, isBounded ? frameStart(window, atMs) : Number.NEGATIVE_INFINITY)
      return // its inputs are those of the rows
    }
    if (node.kind === 'field' || node.kind === 'code') fromMs = Number.NEGATIVE_INFINITY
    if (node.kind === 'code') hasCode = true
    const used = node.kind === 'feature' ? byName.get(node.name) : undefined
    if (used) {
      fromMs = Math.min(fromMs, used.fromMs)
      hasCode ||= used.hasCode
    }
    for (const child of Object.values(node)) walk(child)
  }
  walk(expr)
  return { fromMs, hasCode }
}
