/** semantics.md 10: list = split round robin; union = everyone gets all; broadcast. A blob inside a list breaks on rescale. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { itemsOf, type OperatorPieces, redistribute } from './operator-state.ts'

const written = (kind: 'value' | 'list' | 'union', lists: readonly (readonly number[])[]): OperatorPieces[] =>
  lists.map((items) => ({ piece: { kind, items } }))
const given = (pieces: readonly OperatorPieces[]) => pieces.map((one) => itemsOf<number>(one, 'piece'))
const lists = fc.array(fc.array(fc.integer(), { maxLength: 7 }), { minLength: 1, maxLength: 5 })
const parallelism = fc.integer({ min: 1, max: 7 })
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b)

describe('operator state at another parallelism', () => {
  test('semantics 10: a list is dealt round robin: every item once, and as even as can be', () => {
    fc.assert(
      fc.property(lists, parallelism, (before, n) => {
        const after = given(redistribute(written('list', before), n))
        expect(after).toHaveLength(n)
        expect(sorted(after.flat())).toEqual(sorted(before.flat()))
        const lengths = after.map(({ length }) => length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
    expect(
      given(
        redistribute(
          written('list', [
            [1, 2, 3],
            [4, 5],
          ]),
          3,
        ),
      ),
    ).toEqual([[1, 4], [2, 5], [3]])
  })

  test('semantics 10: of a union everyone gets all, in the order of the subtasks', () => {
    expect(given(redistribute(written('union', [[1], [2, 3]]), 3))).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('semantics 10: of a broadcast everyone gets one copy', () => {
    const pieces: OperatorPieces[] = [1, 2].map(() => ({ piece: { kind: 'broadcast', items: ['same'] } }))
    expect(redistribute(pieces, 3).map((one) => itemsOf(one, 'piece'))).toEqual([['same'], ['same'], ['same']])
  })

  test('semantics 10: the value of a subtask goes to exactly one: sums over all stay what they are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 6 }), parallelism, (values, n) => {
        const after = given(
          redistribute(
            written(
              'value',
              values.map((value) => [value]),
            ),
            n,
          ),
        )
        expect(sorted(after.flat())).toEqual(sorted(values))
      }),
    )
    expect(given(redistribute(written('value', [[1], [2], [3]]), 2))).toEqual([[1, 3], [2]])
  })

  test('a piece that only some subtasks wrote is dealt all the same; two kinds of one name are an error', () => {
    const pieces: OperatorPieces[] = [{}, { piece: { kind: 'list', items: [1, 2] } }]
    expect(given(redistribute(pieces, 2))).toEqual([[1], [2]])
    expect(() => redistribute([{ piece: { kind: 'list', items: [] } }, { piece: { kind: 'union', items: [] } }], 1)).toThrow(/list.*union/)
    expect(redistribute([], 2)).toEqual([{}, {}])
  })
})
