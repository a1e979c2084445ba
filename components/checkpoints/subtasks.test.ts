import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SubtaskStats } from '../../contract/job-ipc.ts'
import { byOperator, gantt, minAvgMax, percentile, sortSubtasks, stragglers } from './subtasks.ts'

const subtask = (more: Partial<SubtaskStats>): SubtaskStats => ({
  operator: 'keyed',
  subtask: 0,
  acknowledgedAtMs: 1000,
  startDelayMs: 1,
  alignmentMs: 2,
  syncMs: 3,
  asyncMs: 4,
  endToEndMs: 10,
  checkpointedBytes: 100,
  fullBytes: 200,
  processedBytes: 0,
  ...more,
})
const ms = fc.double({ min: 0, max: 1e6, noNaN: true })
const any = fc.array(
  fc.record({
    operator: fc.constantFrom('source', 'keyed', 'sink'),
    subtask: fc.nat(7),
    acknowledgedAtMs: fc.option(fc.nat()),
    startDelayMs: ms,
    alignmentMs: ms,
    syncMs: ms,
    asyncMs: ms,
    endToEndMs: ms,
    checkpointedBytes: ms,
    fullBytes: ms,
    processedBytes: ms,
  }),
)

describe('subtasks of one checkpoint', () => {
  it('has no figures before the first acknowledgement', () => {
    expect(minAvgMax([subtask({ acknowledgedAtMs: null, endToEndMs: 0 })], 'endToEndMs')).toBeNull()
    expect(
      minAvgMax(
        [subtask({ endToEndMs: 10 }), subtask({ endToEndMs: 20 }), subtask({ acknowledgedAtMs: null, endToEndMs: 0 })],
        'endToEndMs',
      ),
    ).toEqual({ min: 10, avg: 15, max: 20 })
  })
  it('finds percentiles by nearest rank', () => {
    expect(percentile([], 0.5)).toBeUndefined()
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2)
    expect(percentile([4, 1, 3, 2], 0.95)).toBe(4)
  })
  it('marks who is at or above max(p95, 1.5 × median), and nobody where all are alike', () => {
    expect(stragglers([subtask({}), subtask({}), subtask({ endToEndMs: 40 })])).toEqual(new Set([2]))
    expect(stragglers([subtask({}), subtask({}), subtask({ endToEndMs: 12 })]).size).toBe(0)
    expect(stragglers([subtask({ endToEndMs: 99 })]).size).toBe(0)
  })
  it('gathers operators in the order they come, with what is still missing', () => {
    const rows = byOperator([subtask({ operator: 'source' }), subtask({ subtask: 0 }), subtask({ subtask: 1, acknowledgedAtMs: null })])
    expect(rows.map((row) => [row.operator, row.acknowledged, row.total])).toEqual([
      ['source', 1, 1],
      ['keyed', 1, 2],
    ])
    expect(rows[1]?.checkpointedBytes).toBe(200)
  })
  it('keeps pending subtasks last in either direction', () => {
    const all = [
      subtask({ acknowledgedAtMs: null, subtask: 9 }),
      subtask({ endToEndMs: 5, subtask: 1 }),
      subtask({ endToEndMs: 7, subtask: 2 }),
    ]
    expect(sortSubtasks(all, 'endToEndMs', true).map((s) => s.subtask)).toEqual([2, 1, 9])
    expect(sortSubtasks(all, 'endToEndMs', false).map((s) => s.subtask)).toEqual([1, 2, 9])
  })
  it('keeps operators in the order of the data', () => {
    const all = [
      subtask({ operator: 'other' }),
      subtask({ operator: 'sink' }),
      subtask({ subtask: 1 }),
      subtask({ subtask: 0 }),
      subtask({ operator: 'source' }),
    ]
    expect(sortSubtasks(all, 'operator', false).map((s) => `${s.operator} ${s.subtask}`)).toEqual([
      'source 0',
      'keyed 0',
      'keyed 1',
      'sink 0',
      'other 0',
    ])
  })
  it('lays bars end to end inside the row, none for pending ones', () => {
    fc.assert(
      fc.property(any, (all) => {
        for (const row of gantt(all).rows) {
          if (row.pending) expect(row.bars).toEqual([])
          let end = 0
          for (const bar of row.bars) {
            expect(bar.leftShare).toBeGreaterThanOrEqual(end - 1e-9)
            end = bar.leftShare + bar.widthShare
            expect(end).toBeLessThanOrEqual(1 + 1e-9)
          }
        }
      }),
    )
  })
})
