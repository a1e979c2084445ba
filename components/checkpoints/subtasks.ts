/** One checkpoint's subtasks, prepared for its page: figures on top, stragglers, bars of the Gantt. Pure. */
import type { SubtaskStats } from '../../contract/job-ipc.ts'
import { operatorRank } from '../jobs/operator-graph.ts'

export const figures = [
  'endToEndMs',
  'checkpointedBytes',
  'fullBytes',
  'syncMs',
  'asyncMs',
  'processedBytes',
  'alignmentMs',
  'startDelayMs',
] as const
export type Figure = (typeof figures)[number]

/** As the data meets them: source, keyed, sink; the API gives them in any order. */
export const inDataOrder = (subtasks: readonly SubtaskStats[]): SubtaskStats[] =>
  subtasks.toSorted((a, b) => operatorRank(a.operator) - operatorRank(b.operator) || a.subtask - b.subtask)

export type MinAvgMax = { min: number; avg: number; max: number }

const acknowledged = (subtasks: readonly SubtaskStats[]) => subtasks.filter((subtask) => subtask.acknowledgedAtMs !== null)

/** min, avg, max over the acknowledged ones; null when none has acknowledged yet: that is unknown, not zero. */
export function minAvgMax(subtasks: readonly SubtaskStats[], figure: Figure): MinAvgMax | null {
  const values = acknowledged(subtasks).map((subtask) => subtask[figure])
  if (values.length === 0) return null
  return { min: Math.min(...values), avg: values.reduce((sum, value) => sum + value, 0) / values.length, max: Math.max(...values) }
}

/** Nearest-rank percentile, share 0..1; undefined for nothing. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}

/** Index of those at or above max(p95, 1.5 × median) end to end, where there are at least two to compare and the slowest stands out. */
export function stragglers(subtasks: readonly SubtaskStats[]): Set<number> {
  const done = acknowledged(subtasks).map((subtask) => subtask.endToEndMs)
  const median = percentile(done, 0.5)
  const p95 = percentile(done, 0.95)
  if (done.length < 2 || median === undefined || p95 === undefined) return new Set()
  const from = Math.max(p95, 1.5 * median)
  return new Set(
    subtasks.flatMap((subtask, i) =>
      subtask.acknowledgedAtMs !== null && subtask.endToEndMs >= from && subtask.endToEndMs > 0 ? [i] : [],
    ),
  )
}

export type OperatorRow = {
  operator: string
  acknowledged: number
  total: number
  latestAcknowledgedAtMs: number | null
  durationMs: number | null
  checkpointedBytes: number
  fullBytes: number
}

/** One row per operator, in the order in which they come (source, keyed, sink). */
export function byOperator(subtasks: readonly SubtaskStats[]): OperatorRow[] {
  const rows = new Map<string, SubtaskStats[]>()
  for (const subtask of subtasks) rows.set(subtask.operator, [...(rows.get(subtask.operator) ?? []), subtask])
  return [...rows].map(([operator, all]) => {
    const done = acknowledged(all)
    const sum = (figure: Figure) => all.reduce((total, subtask) => total + subtask[figure], 0)
    return {
      operator,
      acknowledged: done.length,
      total: all.length,
      latestAcknowledgedAtMs: done.length === 0 ? null : Math.max(...done.map((subtask) => subtask.acknowledgedAtMs ?? 0)),
      durationMs: done.length === 0 ? null : Math.max(...done.map((subtask) => subtask.endToEndMs)),
      checkpointedBytes: sum('checkpointedBytes'),
      fullBytes: sum('fullBytes'),
    }
  })
}

export type SortKey = 'operator' | 'acknowledgedAtMs' | Figure

/** Pending ones always last: they have nothing to sort by. Operators keep the order in which the data meets them. Equal ones stay as they were. */
export function sortSubtasks(subtasks: readonly SubtaskStats[], key: SortKey, descending: boolean): SubtaskStats[] {
  const sign = descending ? -1 : 1
  return subtasks.toSorted((a, b) => {
    if (key === 'operator') return sign * (operatorRank(a.operator) - operatorRank(b.operator) || a.subtask - b.subtask)
    if ((a.acknowledgedAtMs === null) !== (b.acknowledgedAtMs === null)) return a.acknowledgedAtMs === null ? 1 : -1
    return sign * ((a[key] ?? 0) - (b[key] ?? 0))
  })
}

export const phases = ['startDelay', 'alignment', 'sync', 'async'] as const
export type Phase = (typeof phases)[number]
export type GanttRow = {
  operator: string
  subtask: number
  pending: boolean
  straggler: boolean
  bars: { phase: Phase; leftShare: number; widthShare: number; ms: number }[]
}

/** Bars in shares of the longest row, one after another from the trigger: start delay → alignment → sync → async. A pending subtask has none. */
export function gantt(subtasks: readonly SubtaskStats[]): { rows: GanttRow[]; totalMs: number } {
  const lengths = subtasks.map((s) => [s.startDelayMs, s.alignmentMs, s.syncMs, s.asyncMs] as const)
  const totalMs = Math.max(
    0,
    ...lengths.map((all) => all.reduce((sum, ms) => sum + ms, 0)),
    ...acknowledged(subtasks).map((subtask) => subtask.endToEndMs),
  )
  const slow = stragglers(subtasks)
  const rows = subtasks.map((subtask, i): GanttRow => {
    const pending = subtask.acknowledgedAtMs === null
    let startMs = 0
    const bars = phases.flatMap((phase, p) => {
      const ms = lengths[i]?.[p] ?? 0
      const bar = { phase, leftShare: totalMs === 0 ? 0 : startMs / totalMs, widthShare: totalMs === 0 ? 0 : ms / totalMs, ms }
      startMs += ms
      return ms > 0 && !pending ? [bar] : []
    })
    return { operator: subtask.operator, subtask: subtask.subtask, pending, straggler: slow.has(i), bars }
  })
  return { rows, totalMs }
}
