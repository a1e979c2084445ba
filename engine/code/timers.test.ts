/** semantics.md 5: one timer for each (key, time, name), fired in the order of time, kept in the bytes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { KeyTimers } from './timers.ts'
import { Undo } from './undo.ts'

const timer = fc.record({ name: fc.constantFrom('a', 'b', 'c'), atMs: fc.integer({ min: 1, max: 12 }) })

test('semantics 5: timers are a set of (time, name) in that order; a call that throws leaves them as they were', () => {
  const step = fc.record({
    throws: fc.boolean(),
    work: fc.array(fc.tuple(fc.constantFrom('set', 'clear', 'clear all'), timer), { maxLength: 6 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const undo = new Undo()
      let timers = new KeyTimers(undo)
      let model = new Map<string, { name: string; atMs: number }>()
      for (const { throws, work } of steps) {
        const after = new Map(model)
        for (const [what, { name, atMs }] of work) {
          if (what === 'set') {
            timers.set(name, atMs, 0)
            after.set(`${atMs} ${name}`, { name, atMs })
          } else {
            timers.clear(name, what === 'clear' ? atMs : undefined)
            for (const [id, one] of after) if (one.name === name && (what === 'clear all' || one.atMs === atMs)) after.delete(id)
          }
        }
        if (throws) undo.takeBack()
        else {
          undo.keep()
          model = after
        }
        const expected = [...model.values()].sort((a, b) => a.atMs - b.atMs || (a.name < b.name ? -1 : 1))
        expect(timers.list()).toEqual(expected)
        expect(timers.nextMs).toBe(expected[0]?.atMs ?? null)
        const out = new ByteWriter(8)
        timers.write(out)
        timers = new KeyTimers(undo)
        timers.read(new ByteReader(out.finish().slice()))
        expect(timers.list()).toEqual(expected)
      }
    }),
  )
})

test('a timer lies in the future, in whole milliseconds; a key has a thousand at most', () => {
  const timers = new KeyTimers(new Undo())
  for (const atMs of [10, 9, 10.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => timers.set('t', atMs, 10)).toThrow(RangeError)
  for (let i = 1; i <= 1000; i++) timers.set('t', 10 + i, 10)
  expect(() => timers.set('t', 2000, 10)).toThrow(/1000 timers/)
  timers.set('t', 11, 10) // there already
})
