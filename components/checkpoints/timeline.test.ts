import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../contract/http-api.ts'
import { timelineBars, trendGapMs, trendSamples } from './timeline.ts'

const checkpoint = (id: number, more: Partial<Checkpoint> = {}): Checkpoint => ({
  id,
  jobId: 1,
  run: 2,
  number: id,
  kind: 'checkpoint',
  status: 'COMPLETED',
  triggeredAt: new Date(id * 10_000).toISOString(),
  completedAt: null,
  durationMs: 10 * id,
  checkpointedBytes: 1,
  fullBytes: 100,
  processedBytes: 0,
  positions: {},
  maxEventTimeMs: null,
  watermarkMs: null,
  path: null,
  discardedAt: null,
  failureReason: null,
  failureMessage: null,
  ...more,
})

describe('the timeline strip', () => {
  it('turns newest-first history into oldest-first bars, heights in shares of the longest', () => {
    const bars = timelineBars([checkpoint(4), checkpoint(2, { status: 'FAILED', durationMs: null }), checkpoint(1)], 10)
    expect(bars.map((bar) => [bar.label, bar.heightShare])).toEqual([
      ['2.1', 0.25],
      ['2.2', 1 / 3],
      ['2.4', 1],
    ])
  })
  it('shows at most the newest so many', () => {
    expect(timelineBars([checkpoint(3), checkpoint(2), checkpoint(1)], 2).map((bar) => bar.id)).toEqual([2, 3])
  })
})

describe('trends', () => {
  it('leaves a gap where a checkpoint failed', () => {
    expect(
      trendSamples([checkpoint(4, { status: 'IN_PROGRESS' }), checkpoint(3), checkpoint(2, { status: 'FAILED' }), checkpoint(1)]).map(
        (sample) => sample.values,
      ),
    ).toEqual([
      [10, 100],
      [null, null],
      [30, 100],
    ])
  })
  it('calls three usual distances a hole', () => {
    expect(trendGapMs(trendSamples([checkpoint(9), checkpoint(3), checkpoint(2), checkpoint(1)]))).toBe(30_000)
    expect(trendGapMs([])).toBe(180_000)
  })
})
