/** The strip of recent checkpoints: bars in order of time, height by duration, outcome beside it. And the samples of the trend charts. Pure. */
import type { Checkpoint } from '../../contract/http-api.ts'
import type { Sample } from '../charts/series.ts'

export type TimelineBar = {
  id: number
  label: string
  status: Checkpoint['status']
  kind: Checkpoint['kind']
  heightShare: number
  durationMs: number | null
}

/** `checkpoints` newest first, as the API gives them; bars oldest first. One without a duration stands at a third of the height. */
export function timelineBars(checkpoints: readonly Checkpoint[], limit: number): TimelineBar[] {
  const shown = checkpoints.slice(0, limit).reverse()
  const longestMs = Math.max(1, ...shown.map((checkpoint) => checkpoint.durationMs ?? 0))
  return shown.map((checkpoint) => ({
    id: checkpoint.id,
    label: `${checkpoint.run}.${checkpoint.number}`,
    status: checkpoint.status,
    kind: checkpoint.kind,
    durationMs: checkpoint.durationMs,
    heightShare: checkpoint.durationMs === null ? 1 / 3 : Math.max(0.06, checkpoint.durationMs / longestMs),
  }))
}

/** Duration (ms) and full size (bytes) over time; a failed checkpoint is a gap in both, one under way isn't there yet. */
export function trendSamples(checkpoints: readonly Checkpoint[]): Sample[] {
  const samples: Sample[] = []
  for (const checkpoint of checkpoints.toReversed()) {
    if (checkpoint.status === 'IN_PROGRESS') continue
    const atMs = Date.parse(checkpoint.triggeredAt)
    const last = samples.at(-1)
    if (Number.isNaN(atMs) || (last && atMs <= last.atMs)) continue
    const done = checkpoint.status === 'COMPLETED'
    samples.push({ atMs, values: [done ? checkpoint.durationMs : null, done ? checkpoint.fullBytes : null] })
  }
  return samples
}

/** A hole in the trend: three times the usual distance between two checkpoints. */
export function trendGapMs(samples: readonly Sample[]): number {
  const steps = samples
    .slice(1)
    .map((sample, i) => sample.atMs - (samples[i]?.atMs ?? sample.atMs))
    .toSorted((a, b) => a - b)
  return 3 * (steps[Math.floor(steps.length / 2)] ?? 60_000)
}
