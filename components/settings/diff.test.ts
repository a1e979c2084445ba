import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changes } from './diff.ts'

describe('what an entry changed', () => {
  it('names only the paths that differ', () => {
    expect(changes({ a: 1, b: { c: 'x', d: [1, 2] } }, { a: 1, b: { c: 'y', d: [1, 3] } })).toEqual([
      { path: 'b.c', before: 'x', after: 'y' },
      { path: 'b.d[1]', before: '2', after: '3' },
    ])
  })
  it('shows a new thing as all new, a gone one as all gone', () => {
    expect(changes(null, { name: 'v', on: true })).toEqual([
      { path: 'name', before: null, after: 'v' },
      { path: 'on', before: null, after: 'true' },
    ])
    expect(changes({ name: 'v' }, null)).toEqual([{ path: 'name', before: 'v', after: null }])
    expect(changes(1, 2)).toEqual([{ path: '', before: '1', after: '2' }])
  })
  it('tells empty from absent', () => {
    expect(changes({ a: {} }, {})).toEqual([{ path: 'a', before: '{}', after: null }])
  })
  it('finds nothing between equal values and mirrors when turned round', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(changes(a, structuredClone(a))).toEqual([])
        const key = (all: { path: string; before: string | null; after: string | null }[]) =>
          all.map((one) => JSON.stringify([one.path, one.before, one.after])).toSorted()
        expect(key(changes(b, a).map((one) => ({ ...one, before: one.after, after: one.before })))).toEqual(key(changes(a, b)))
      }),
    )
  })
})
