import { expect, test } from 'vitest'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import type { ColumnBatch } from './column-batch.ts'
import { murmur3 } from './hash.ts'
import { SlabOperator } from './slab-operator.ts'

const stream: StreamSchema = {
  name: 's',
  eventTime: 'ts',
  fields: [
    { name: 'k', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'x', type: 'double' },
  ],
}
const ROWS = 100
const sumOf = (fn: 'sum' | 'avg') => ({
  name: fn,
  expr: { kind: 'aggregate' as const, fn, args: [{ kind: 'field' as const, name: 'x' }], window: 'w' },
})
const view: ViewDefinition = {
  stream: 's',
  key: ['k'],
  windows: [
    { name: 'w', mode: 'range', start: { kind: 'preceding', interval: { months: 0, days: 0, ms: ROWS - 1 } }, end: { kind: 'current' } },
  ],
  features: [sumOf('sum'), sumOf('avg')],
  hints: {},
}
const KEY = new TextEncoder().encode('["k"]')
const BATCH = 1000

/** One row a millisecond through a window of 100 rows; at the end, sum and average beside those of the rows, added from the smallest. */
function slide(slides: number, valueAt: (i: number) => number): { sum: number; avg: number; expected: number } {
  const operator = new SlabOperator({
    evaluator: compileEvaluator(planView(view, stream)),
    order: 'arrival',
    allowedLatenessMs: 0,
    clockSlackMs: 0,
    wantsRows: false,
    wantsCurrent: false,
  })
  const hash = murmur3(KEY)
  const times = new Float64Array(BATCH)
  const values = new Float64Array(BATCH)
  const batch: ColumnBatch = {
    partition: 0,
    count: BATCH,
    offsets: times,
    eventTimesMs: times,
    watermarksMs: times,
    columns: [values],
    texts: new Uint8Array(0),
    bytes: 0,
    keyBytes: KEY,
    keyStarts: new Int32Array(BATCH),
    keyEnds: new Int32Array(BATCH).fill(KEY.length),
    keyHashes: new Int32Array(BATCH).fill(hash),
    keyGroups: new Uint8Array(BATCH).fill(hash % 128),
  }
  for (let from = 0; from < slides; from += BATCH) {
    for (let i = 0; i < BATCH; i++) {
      times[i] = from + i
      values[i] = valueAt(from + i)
    }
    operator.applyBatch(batch, 0, BATCH, { rows: [], current: new Map() })
    operator.advanceWatermark(from + BATCH - 1, Number.POSITIVE_INFINITY, { rows: [], current: new Map() })
  }
  const last = Array.from({ length: ROWS }, (_, i) => valueAt(slides - 1 - i)).sort((a, b) => Math.abs(a) - Math.abs(b))
  const [sum, avg] = operator.results.aggregates.map((column) => column[BATCH - 1]!) as [number, number]
  return { sum, avg, expected: last.reduce((a, b) => a + b, 0) }
}

/** Deterministic, in [0, 1). */
const noise = (i: number): number => ((Math.imul(i, 0x9e3779b1) ^ (Math.imul(i, 0x85ebca6b) >>> 13)) >>> 0) / 2 ** 32

test.each([
  ['of very different sizes and both signs', (i: number) => (noise(i) - 0.3) * 10 ** (i % 12)],
  ['tiny ones after huge ones', (i: number) => (i < 9_999_000 && i % 7 === 0 ? noise(i) * 1e20 : noise(i) * 0.01 + 0.01)],
  ['with some that leave the doubles together', (i: number) => (i > 9_000_000 && i < 9_000_010 ? 1.7e308 : noise(i))],
])('semantics 7: a sum of doubles is right to 1e-9 after 10^7 slides: %s', (_, valueAt) => {
  const { sum, avg, expected } = slide(10_000_000, valueAt)
  expect(Math.abs(sum - expected) / Math.abs(expected)).toBeLessThanOrEqual(1e-9)
  expect(Math.abs(avg - expected / ROWS) / Math.abs(expected / ROWS)).toBeLessThanOrEqual(1e-9)
})
