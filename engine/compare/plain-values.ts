/** A key's features from its events alone, by the plain evaluator: nothing was kept, merged or taken out on the way. */
import { compileEvaluator, type Evaluator } from '../compile/evaluator.ts'
import { endAfter, type PlannedGroup, startOf } from '../plan/group.ts'
import type { Plan } from '../plan/plan.ts'
import type { WindowSpan } from '../sink/port.ts'
import { keyGroupOf } from '../state/hash.ts'
import { KeyRows } from '../state/key-rows.ts'
import { readRows } from '../state/plain-operator.ts'
import { Ttl } from '../state/ttl.ts'
import type { KeyValues } from './compare-kept.ts'
import type { SampledEvent } from './sampled-events.ts'

export interface PlainValues {
  /** `events` in order; none: of a key that was never seen. */
  of(key: string, events: readonly SampledEvent[], atMs: number): KeyValues
}

export function plainValues(plan: Plan, ttlMs: number | null): PlainValues {
  const evaluator = compileEvaluator(plan)
  const ttl = new Ttl(ttlMs)
  return {
    of: (key, events, atMs) =>
      plan.group ? windowValues(evaluator, plan.group, ttl, key, events, atMs) : overValues(evaluator, ttl, key, events, atMs),
  }
}

function overValues(evaluator: Evaluator, ttl: Ttl, key: string, events: readonly SampledEvent[], atMs: number): KeyValues {
  const rows = rowsOf(evaluator.plan, key, events)
  return readRows(evaluator, events.length > 0 ? rows : null, rows, atMs, ttl)
}

function windowValues(
  evaluator: Evaluator,
  group: PlannedGroup,
  ttl: Ttl,
  key: string,
  events: readonly SampledEvent[],
  atMs: number,
): KeyValues {
  const times = events.map(({ timeMs }) => timeMs)
  const newest = group.kind === 'session' ? newestSession(times, group.gapMs, atMs) : newestOnGrid(times, group, atMs)
  const window = newest && !ttl.isOver(newest.endMs, atMs) ? newest : null
  const values = evaluator.evaluateWindow(rowsOf(evaluator.plan, key, window ? events : []), window)
  return { status: window ? 'PRESENT' : events.length > 0 ? 'EMPTY' : 'UNKNOWN_KEY', values, window }
}

/** The newest window that has ended at the instant and holds an event. */
function newestOnGrid(times: readonly number[], grid: Exclude<PlannedGroup, { kind: 'session' }>, atMs: number): WindowSpan | null {
  for (const timeMs of times.toReversed()) {
    let endMs = endAfter(grid, timeMs)
    if (endMs > atMs || startOf(grid, endMs) > timeMs) continue
    for (let next = endAfter(grid, endMs); next <= atMs && startOf(grid, next) <= timeMs; next = endAfter(grid, next)) endMs = next
    return { startMs: startOf(grid, endMs), endMs }
  }
  return null
}

function newestSession(times: readonly number[], gapMs: number, atMs: number): WindowSpan | null {
  let last = times.length - 1
  while (last >= 0) {
    let first = last
    while (first > 0 && times[first]! - times[first - 1]! < gapMs) first--
    if (times[last]! + gapMs <= atMs) return { startMs: times[first]!, endMs: times[last]! + gapMs }
    last = first - 1
  }
  return null
}

function rowsOf(plan: Plan, key: string, events: readonly SampledEvent[]): KeyRows {
  const rows = new KeyRows(key, keyGroupOf(key), plan.columns.length)
  for (const { timeMs, partition, offset, columns } of events) rows.insert(timeMs, partition, offset, columns)
  const newest = events.at(-1)
  if (!newest) return rows
  rows.asOfMs = newest.timeMs
  rows.settledMs = newest.timeMs
  rows.applied = events.length
  return rows
}
