import type { CheckedView } from '../../definition/model.ts'

/** What the preview's process is asked for. */
export interface PreviewTask {
  readonly dataDir: string
  readonly checked: CheckedView
  readonly partitions: number
  readonly last: number
  readonly order: 'arrival' | 'event_time'
  readonly outOfOrdernessMs: number
  readonly allowedLatenessMs: number
  readonly ttlMs?: number | null
}
