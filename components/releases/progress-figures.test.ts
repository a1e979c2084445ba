import { describe, expect, it } from 'vitest'
import { progressFigures } from './progress-figures.ts'

const backfill = {
  step: 'BACKFILLING',
  positionRead: 250,
  positionEnd: 1000,
  eventsPerSecond: 50,
  rowsPerSecond: 40,
  secondsLeft: 15,
}

describe('progress of a release', () => {
  it('tells a backfill from the reading of the new job', () => {
    expect(progressFigures(backfill)).toEqual({
      isBackfill: true,
      isLoading: false,
      share: 0.25,
      isFinished: false,
      eventsPerSecond: 50,
      rowsPerSecond: 40,
      leftMs: 15_000,
    })
    const { step: _step, ...reading } = backfill
    expect(progressFigures(reading).isBackfill).toBe(false)
    expect(progressFigures({ ...reading, step: 'LOADING_ARCHIVE' })).toMatchObject({ isBackfill: false, isLoading: true })
  })
  it('keeps what nobody measured unknown', () => {
    const { rowsPerSecond: _rows, ...unmeasured } = backfill
    expect(progressFigures({ ...unmeasured, eventsPerSecond: null, secondsLeft: null })).toMatchObject({
      eventsPerSecond: null,
      rowsPerSecond: null,
      leftMs: null,
    })
  })
  it('has read an empty stream to its end, and never passes it', () => {
    expect(progressFigures({ ...backfill, positionRead: 0, positionEnd: 0 })).toMatchObject({ share: 1, isFinished: true })
    expect(progressFigures({ ...backfill, positionRead: 1200 })).toMatchObject({ share: 1, isFinished: true })
  })
})
