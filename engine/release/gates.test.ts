import fc from 'fast-check'
import { expect, test } from 'vitest'
import { measureGates, type Sample } from './gates.ts'

const limits = { lagRecords: 10, maxEventTimeDeltaMs: 100, samples: 3 }
const job2 = { lagRecords: 0, maxEventTimeMs: 1000, catchingUp: false }
const holds = (sample: Sample) => measureGates(sample, limits, 0).holds

test('a gate at its threshold holds, one above it does not', () => {
  expect(holds({ job2: { ...job2, lagRecords: 10 }, job1: { maxEventTimeMs: 1100, runs: true } })).toBe(true)
  expect(holds({ job2: { ...job2, lagRecords: 11 }, job1: null })).toBe(false)
  expect(holds({ job2, job1: { maxEventTimeMs: 1101, runs: true } })).toBe(false)
  expect(holds({ job2, job1: { maxEventTimeMs: 899, runs: true } })).toBe(false)
})

test('a job that stands still may be passed by any distance', () => {
  expect(holds({ job2, job1: { maxEventTimeMs: 1, runs: false } })).toBe(true)
  expect(holds({ job2, job1: { maxEventTimeMs: 1101, runs: false } })).toBe(false)
})

test('what is not known holds nothing and is shown as unknown', () => {
  const { holds: isHeld, gates } = measureGates({ job2, job1: { maxEventTimeMs: null, runs: true } }, limits, 2)
  expect(isHeld).toBe(false)
  expect(gates[1]).toMatchObject({ name: 'maxEventTime', measured: null, state: 'waiting', heldSamples: 0 })
  expect(holds({ job2: null, job1: null })).toBe(false)
})

test('two jobs that have seen nothing are at the same event time', () => {
  expect(holds({ job2: { ...job2, maxEventTimeMs: null }, job1: { maxEventTimeMs: null, runs: true } })).toBe(true)
})

test('it takes as many samples in a row as are needed, and one that fails begins again', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), (samples) => {
      let held = 0
      let inARow = 0
      for (const good of samples) {
        const { holds: isHeld, gates } = measureGates({ job2: { ...job2, lagRecords: good ? 0 : 99 }, job1: null }, limits, held)
        held = isHeld ? held + 1 : 0
        inARow = good ? inARow + 1 : 0
        expect(gates[0]!.state).toBe(!good ? 'waiting' : inARow >= 3 ? 'held' : 'measuring')
        expect(gates[0]!.heldSamples).toBe(Math.min(inARow, 3))
      }
    }),
  )
})
