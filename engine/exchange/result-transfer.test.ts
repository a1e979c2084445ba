import { expect, test } from 'vitest'
import type { ResultRow } from '../sink/port.ts'
import { decodeResults, encodeResults } from './result-transfer.ts'

test('rows come out as they went in: values of every kind, with a window and without', () => {
  const row: ResultRow = {
    key: '["a"]',
    partition: 2,
    offset: 7,
    eventTimeMs: -5,
    version: [-5, 3, 0],
    values: [null, true, false, 1.5, 'text', ['a', null], { x: 2 }],
    validUntilMs: null,
  }
  const ofWindow: ResultRow = { ...row, key: '["b"]', version: [0, 3, 0], validUntilMs: 60_001, window: { startMs: -60_000, endMs: 0 } }
  const buffer = { rows: [row, ofWindow, row], current: new Map([[ofWindow.key, ofWindow]]), untaken: 4 }
  expect(decodeResults(encodeResults(buffer).results)).toEqual(buffer)
  expect(decodeResults(encodeResults({ rows: [], current: new Map() }).results)).toEqual({ rows: [], current: new Map(), untaken: 0 })
})
