import type { CheckpointHistory } from '../../contract/http-api.ts'

type Summary = CheckpointHistory['summary'][number]

/** Nearest-rank percentiles: always a value that was measured. [] of nothing: no zeros where nothing is known. */
export function summarise(figure: Summary['figure'], values: number[]): Summary[] {
  if (values.length === 0) return []
  const sorted = [...values].sort((a, b) => a - b)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
  const avg = values.reduce((sum, value) => sum + value, 0) / values.length
  return [{ figure, min: sorted[0]!, avg, max: sorted.at(-1)!, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99) }]
}
