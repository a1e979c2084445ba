import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, type Sample, tightRange, toColumns, toRows, yRange } from './series.ts'

const samples = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 1, max: 5000 }),
      values: fc.array(fc.option(fc.double({ noNaN: false })), { minLength: 2, maxLength: 2 }),
    }),
  )
  .map((steps) => {
    let atMs = 1_000_000
    return steps.map(({ stepMs, values }): Sample => ({ atMs: (atMs += stepMs), values }))
  })

describe('chart preparation', () => {
  it('keeps a gap a gap: a hole in time becomes one empty point between its ends', () => {
    const columns = toColumns(
      [
        { atMs: 0, values: [1] },
        { atMs: 1000, values: [2] },
        { atMs: 9000, values: [3] },
      ],
      1,
      3000,
    )
    expect(columns).toEqual([
      [0, 1, 5, 9],
      [1, 2, null, 3],
    ])
  })
  it('keeps the unknown unknown: null, NaN and missing values are null, never 0', () => {
    expect(
      toColumns(
        [
          { atMs: 0, values: [null, Number.NaN] },
          { atMs: 1000, values: [0] },
        ],
        2,
        3000,
      ),
    ).toEqual([
      [0, 1],
      [null, 0],
      [null, null],
    ])
  })
  it('gives columns of one length with x strictly rising, whatever comes', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const [x, ...series] = toColumns(all, 2, 2000)
        for (const column of series) expect(column.length).toBe(x.length)
        for (let i = 1; i < x.length; i++) expect(x[i]).toBeGreaterThan(x[i - 1] as number)
      }),
    )
  })
  it('collects in order, forgets what is too old, ignores what came twice', () => {
    let kept: Sample[] = []
    for (const atMs of [1000, 2000, 2000, 1500, 6000]) kept = collect(kept, { atMs, values: [] }, 4000)
    expect(kept.map((sample) => sample.atMs)).toEqual([2000, 6000])
  })
  it('chooses ranges that show the threshold, the negative and the flat', () => {
    expect(yRange([[0], [0]], null)).toEqual([0, 1])
    expect(yRange([[0], [10]], 100)).toEqual([0, 110])
    expect(
      yRange(
        [
          [0, 1],
          [-10, 10],
        ],
        null,
      ),
    ).toEqual([-10, 12])
    expect(
      tightRange([
        [0, 1],
        [100, 200],
      ]),
    ).toEqual([95, 205])
    expect(tightRange([[0], [null]])).toEqual([0, 1])
  })
  it('thins the table twin over the whole range, newest first', () => {
    const all = Array.from({ length: 100 }, (_, i): Sample => ({ atMs: i, values: [i] }))
    const rows = toRows(all, 10)
    expect(rows).toHaveLength(10)
    expect(rows[0]?.atMs).toBe(99)
    expect(rows.at(-1)?.atMs).toBe(9)
  })
})
