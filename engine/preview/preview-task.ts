import type { CheckedView } from '../../definition/model.ts'
import { openSource } from '../source/open-source.ts'
import type { Source } from '../source/port.ts'
import type { StreamShape } from '../source/stream-logs.ts'

/** What the preview's process is asked for. */
export interface PreviewTask {
  readonly dataDir: string
  readonly checked: CheckedView
  /** by branch; of a view that is no union the one that it reads */
  readonly streams: readonly StreamShape[]
  readonly last: number
  readonly order: 'arrival' | 'event_time'
  readonly outOfOrdernessMs: number
  readonly allowedLatenessMs: number
  readonly ttlMs?: number | null
}

/** What the view reads, as a job of it would. */
export function openTask({ dataDir, checked, streams }: PreviewTask): Source {
  return openSource(dataDir, streams[0]!, checked.definition.union ? streams : undefined)
}
