/** What is shown of a key that differs: the key as readers write it, and which events the value stands for, where one window says so. */
import type { ComparedExample } from '../../contract/comparison.ts'
import { keyFromText } from '../job/keys.ts'
import { frameEnd, frameStart } from '../plan/frame.ts'
import { aggregateSlot, type Plan } from '../plan/plan.ts'
import type { WindowSpan } from '../sink/port.ts'

export function exampleOf(
  plan: Plan,
  feature: number,
  key: string,
  atMs: number,
  group: WindowSpan | null | undefined,
): Pick<ComparedExample, 'key' | 'window'> {
  const window = windowOf(plan, feature, atMs, group)
  const keyFields = plan.keySlots.map((slot) => plan.fields[slot]!)
  return { key: keyFromText(key, keyFields), ...(window && { window }) }
}

function windowOf(plan: Plan, feature: number, atMs: number, group: WindowSpan | null | undefined): ComparedExample['window'] {
  if (plan.group) return group ? { fromMs: group.startMs, toMs: group.endMs } : undefined
  const { expr } = plan.features[feature]!
  const slot = expr.kind === 'aggregate' ? aggregateSlot(plan.aggregates, expr) : -1
  const window = plan.windows[plan.aggregates[slot]?.window ?? -1]
  if (!window || window.rows) return undefined
  const fromMs = frameStart(window, atMs)
  return { fromMs: Number.isFinite(fromMs) ? fromMs : null, toMs: frameEnd(window, atMs) }
}
