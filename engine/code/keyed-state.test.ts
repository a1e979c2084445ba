/** The five keyed states against plain models: random operations, some of them in calls that throw, with a restore after each. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aggregatingState,
  type AggregatingState,
  type Json,
  listState,
  type ListState,
  mapState,
  type MapKey,
  type MapState,
  reducingState,
  type ReducingState,
  type StateDeclaration,
  valueState,
  type ValueState,
} from '../../features/evenflow.ts'
import { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { frozenCopy, readJson, writeJson } from './json-codec.ts'
import { type KeyedState, newKeyedState } from './keyed-state.ts'
import { Undo } from './undo.ts'

const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: false }),
    fc.integer(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 4 }),
  ),
})).value

const bytesOf = (state: Pick<KeyedState, 'write'>): Uint8Array => {
  const out = new ByteWriter(8)
  state.write(out)
  return out.finish().slice()
}

/** A state that goes through bytes into a new one after each call, and a call that may throw. */
class Driven<Handle> {
  private state: KeyedState
  private readonly declaration: StateDeclaration<Handle>
  private readonly undo = new Undo()

  constructor(declaration: StateDeclaration<Handle>) {
    this.declaration = declaration
    this.state = newKeyedState(declaration, this.undo)
  }

  get handle(): Handle {
    return this.state as unknown as Handle
  }

  call(throws: boolean, work: (handle: Handle) => void): void {
    const before = bytesOf(this.state)
    work(this.handle)
    if (throws) {
      this.undo.takeBack()
      expect(bytesOf(this.state)).toEqual(before)
    } else this.undo.keep()
    const bytes = bytesOf(this.state)
    this.state = newKeyedState(this.declaration, this.undo)
    this.state.read(new ByteReader(bytes))
    expect(bytesOf(this.state)).toEqual(bytes)
  }
}

describe('the codec', () => {
  test('every JSON value comes back, and equal ones have equal bytes', () => {
    fc.assert(
      fc.property(json, (value) => {
        const write = (one: Json) => bytesOf({ write: (out) => writeJson(out, one) })
        const kept = frozenCopy(value)
        const bytes = write(kept)
        expect(readJson(new ByteReader(bytes))).toEqual(kept)
        expect(write(frozenCopy(structuredClone(value)))).toEqual(bytes)
      }),
    )
  })

  test('what is no JSON value is refused, and what is held cannot be changed from outside', () => {
    for (const value of [undefined, () => 1, 1n, Symbol('x'), new Map(), new Date(0), [undefined]])
      expect(() => frozenCopy(value)).toThrow(TypeError)
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(() => frozenCopy(circle)).toThrow(/holds itself/)
    const given = { list: [1] }
    const kept = frozenCopy(given) as { list: number[] }
    given.list.push(2)
    expect(kept).toEqual({ list: [1] })
    expect(() => kept.list.push(3)).toThrow(TypeError)
    expect(Object.is(frozenCopy(-0), 0)).toBe(true)
  })
})

test('a MapState is a Map that goes through its keys in their order', () => {
  const key = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.boolean(), fc.constantFrom('a', 'b', '10', '9', 'ä'))
  const step = fc.record({
    throws: fc.boolean(),
    work: fc.array(fc.tuple(fc.constantFrom('set', 'delete', 'clear'), key, fc.integer()), { maxLength: 5 }),
  })
  const rank = { boolean: 0, number: 1, string: 2 } as Record<string, number>
  const inOrder = (a: MapKey, b: MapKey) => rank[typeof a]! - rank[typeof b]! || (a < b ? -1 : a > b ? 1 : 0)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const driven = new Driven<MapState<MapKey, number>>(mapState<MapKey, number>())
      let model = new Map<MapKey, number>()
      for (const { throws, work } of steps) {
        const after = new Map(model)
        driven.call(throws, (map) => {
          for (const [what, k, value] of work) {
            if (what === 'set') {
              map.set(k, value)
              after.set(k, value)
            } else if (what === 'delete') {
              map.delete(k)
              after.delete(k)
            } else if (value % 5 === 0) {
              map.clear()
              after.clear()
            }
            expect([map.size, map.has(k), map.get(k)]).toEqual([after.size, after.has(k), after.get(k)])
          }
        })
        if (!throws) model = after
        expect(driven.handle.entries()).toEqual([...model].sort(([a], [b]) => inOrder(a, b)))
      }
    }),
  )
})

test('equal maps have equal bytes, whatever they went through', () => {
  const bytes = (keys: readonly string[]) => {
    const state = newKeyedState(mapState<string, number>(), new Undo())
    for (const key of keys) (state as unknown as MapState<string, number>).set(key, key.length)
    return bytesOf(state)
  }
  expect(bytes(['b', 'aa', 'c'])).toEqual(bytes(['c', 'b', 'aa', 'b']))
})

test('a ListState is an array', () => {
  const step = fc.record({
    throws: fc.boolean(),
    work: fc.array(fc.tuple(fc.constantFrom('add', 'set', 'clear'), fc.integer()), { maxLength: 5 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const driven = new Driven<ListState<number>>(listState<number>())
      let model: number[] = []
      for (const { throws, work } of steps) {
        let after = [...model]
        driven.call(throws, (list) => {
          for (const [what, value] of work) {
            if (what === 'add') {
              list.add(value)
              after.push(value)
            } else if (what === 'set') {
              list.set([...list.get().slice(-2), value])
              after = [...after.slice(-2), value]
            } else if (value % 5 === 0) {
              list.clear()
              after = []
            }
            expect([list.size, list.get()]).toEqual([after.length, after])
          }
        })
        if (!throws) model = after
        expect(driven.handle.get()).toEqual(model)
      }
    }),
  )
})

test('ValueState, ReducingState and AggregatingState say what was put in last, reduced or accumulated', () => {
  const mean = {
    create: () => [0, 0],
    add: ([n = 0, sum = 0]: readonly number[], x: number) => [n + 1, sum + x],
    finish: ([n = 0, sum = 0]: readonly number[]) => sum / n,
  }
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -1000, max: 1000 })), { maxLength: 20 }), (steps) => {
      const value = new Driven<ValueState<number>>(valueState(7))
      const least = new Driven<ReducingState<number>>(reducingState<number>((a, b) => Math.min(a, b)))
      const average = new Driven<AggregatingState<number, number>>(aggregatingState(mean))
      let model: number[] = []
      for (const [throws, x] of steps) {
        value.call(throws, (state) => state.set(x))
        least.call(throws, (state) => state.add(x))
        average.call(throws, (state) => state.add(x))
        if (!throws) model = [...model, x]
        expect(value.handle.get()).toBe(model.at(-1) ?? 7)
        expect(least.handle.get()).toBe(model.length === 0 ? null : Math.min(...model) + 0)
        expect(average.handle.get()).toBe(model.length === 0 ? null : model.reduce((a, b) => a + b, 0) / model.length)
      }
      for (const one of [value, least, average]) one.call(false, (state) => state.clear())
      expect([value.handle.get(), least.handle.get(), average.handle.get()]).toEqual([7, null, null])
    }),
  )
})
