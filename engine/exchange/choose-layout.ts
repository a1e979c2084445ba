/**
 * By key or by feature (DESIGN §7): by key each thread has a share of the keys and all features, by feature all keys and some features,
 * which is what helps when one key has most of the events. Chosen by what was measured on the newest events: what a row costs whatever is
 * computed, what each group of related features adds, and how the events are spread over keys. Pure.
 */
import type { SplitDecision } from '../../contract/job-ipc.ts'
import { relatedFeatures, splitRefusal } from '../plan/feature-parts.ts'
import type { Plan } from '../plan/plan.ts'
import { keyGroupRange } from '../state/hash.ts'
import { byKey, type Layout, subtaskCount } from './layout.ts'

export interface MeasuredEvents {
  readonly events: number
  /** µs an event: reading its fields; keeping its row; and more for each group of related features, in their order */
  readonly extractUs: number
  readonly rowUs: number
  readonly groupUs: readonly number[]
  /** events by key group, and of the key that has most */
  readonly eventsOfGroup: readonly number[]
  readonly eventsOfHottestKey: number
}

export interface Chosen {
  readonly layout: Layout
  readonly decision: SplitDecision
}

/** So much less must the busiest thread have to do by feature, before rows are kept once more for it. */
const WORTH_IT = 0.9

/** `measured`: asked for only where it decides something; null: there are no events yet. */
export function chooseLayout(
  plan: Plan,
  parallelism: number,
  wanted: 'key' | 'feature' | 'auto',
  measured: () => MeasuredEvents | null,
): Chosen {
  const keys: Layout = byKey(plan, parallelism)
  if (wanted === 'key') return { layout: keys, decision: { by: 'key', why: 'asked' } }
  const refusal = splitRefusal(plan)
  if (refusal) return { layout: keys, decision: { by: 'key', why: refusal } }
  const found = measured()
  const groups = relatedFeatures(plan)
  const costs = found?.groupUs ?? groups.map((names) => names.length)
  const mostParts = Math.min(parallelism, groups.length)
  if (wanted === 'feature') return { layout: byFeature(groups, costs, parallelism, mostParts), decision: { by: 'feature', why: 'asked' } }
  if (!found) return { layout: keys, decision: { by: 'key', why: 'no_events' } }
  const layouts = Array.from({ length: mostParts - 1 }, (_, i) => byFeature(groups, costs, parallelism, i + 2))
  const best = layouts.reduce((a, b) => (busiestUs(b, groups, found) < busiestUs(a, groups, found) ? b : a))
  const [keyUs, featureUs] = [busiestUs(keys, groups, found), busiestUs(best, groups, found)]
  const by = featureUs < WORTH_IT * keyUs ? 'feature' : 'key'
  const facts = { events: found.events, hottestKeyShare: found.eventsOfHottestKey / found.events, keyUs, featureUs }
  return { layout: by === 'key' ? keys : best, decision: { by, why: 'measured', measured: facts } }
}

/** µs of the busiest thread for each event of the job. */
function busiestUs(layout: Layout, groups: readonly (readonly string[])[], measured: MeasuredEvents): number {
  const { events, extractUs, rowUs, groupUs, eventsOfGroup } = measured
  const eventsOf = Array.from({ length: layout.ranges }, (_, range) => {
    const { from, to } = keyGroupRange(range, layout.ranges)
    return eventsOfGroup.slice(from, to).reduce((a, b) => a + b, 0)
  })
  const costOf = layout.parts.map((names) => groups.reduce((sum, group, g) => sum + (names.includes(group[0]!) ? groupUs[g]! : 0), rowUs))
  return extractUs / subtaskCount(layout) + (Math.max(...eventsOf) / events) * Math.max(...costOf)
}

/** Groups dealt out to so many parts, the costliest first, each to the part that has least; what threads are left split the keys. */
function byFeature(groups: readonly (readonly string[])[], costs: readonly number[], parallelism: number, parts: number): Layout {
  const dealt = Array.from({ length: parts }, () => ({ cost: 0, groups: [] as number[] }))
  const order = groups.map((_, g) => g).sort((a, b) => costs[b]! - costs[a]! || a - b)
  for (const g of order) {
    const least = dealt.reduce((a, b) => (b.cost < a.cost || (b.cost === a.cost && b.groups.length < a.groups.length) ? b : a))
    least.cost += costs[g]!
    least.groups.push(g)
  }
  const names = dealt.map((part) => part.groups.sort((a, b) => a - b).flatMap((g) => [...groups[g]!]))
  return { ranges: Math.max(1, Math.floor(parallelism / parts)), parts: names }
}
