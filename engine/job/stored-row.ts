/** What the online store still says of a key while a job's memory cannot: as it was right at the last instant that it is known for. */
import type { FeatureRow } from '../../contract/engine-api.ts'
import type { StoredOnlineRow, Value } from '../sink/port.ts'

export interface StoredView {
  readonly features: readonly string[]
  /** true: some window never ends, and what it has seen stays */
  readonly hasLifetimeWindow: boolean
  /** true: some value falls with every millisecond, and a row is right at its own moment only */
  readonly falls?: boolean
  /** true: a row stands for a window of GROUP BY that has closed, or for none */
  readonly isGroup?: boolean
}

/** `nowMs`: the read clock, −Infinity where nobody knows it; the row is never taken for later than that or than it is valid. */
export function storedFeatures(
  view: StoredView,
  stored: StoredOnlineRow,
  nowMs: number,
): Omit<FeatureRow, 'key' | 'complete'> & { momentMs: number } {
  const [asOfMs, , step] = stored.version
  const rightUntilMs = stored.validUntilMs === null ? nowMs : Math.min(nowMs, stored.validUntilMs - 1)
  const momentMs = view.falls ? asOfMs + step : Math.max(asOfMs + step, rightUntilMs)
  return {
    // A stored row without a moment at which it changes holds nothing that could leave: all its windows are empty, or never end.
    status: (view.isGroup ? stored.window : stored.validUntilMs !== null || view.hasLifetimeWindow) ? 'PRESENT' : 'EMPTY',
    features: named(view.features, stored.values),
    asOf: new Date(asOfMs).toISOString(),
    evaluatedAt: new Date(momentMs).toISOString(),
    ageMs: momentMs - asOfMs,
    version: [...stored.version],
    ...(view.isGroup && { window: stored.window ?? null }),
    catchingUp: true,
    momentMs,
  }
}

export const named = (features: readonly string[], values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(features.map((name, i) => [name, values[i] ?? null]))
