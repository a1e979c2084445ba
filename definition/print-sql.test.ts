import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { checkDefinition } from './check-view.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { ALL_KNOBS, arbitraryUnionView, arbitraryView } from './testing/arbitrary-view.ts'
import { ALL_TYPES, AWKWARD, FLIGHTS, UNION } from './testing/streams.ts'

// many random cases: a slow machine must not fail them
vi.setConfig({ testTimeout: 300_000 })

beforeAll(loadParser)

describe('parse(print(d)) = d for every definition', () => {
  for (const stream of [ALL_TYPES, AWKWARD, FLIGHTS]) {
    test(`over ${stream.name}`, () => {
      fc.assert(
        fc.property(arbitraryView(stream, ALL_KNOBS), fc.boolean(), (definition, ownName) => {
          const sql = printView(definition, ownName ? { eventTime: stream.eventTime } : {})
          const { checked, problems } = parseViewSync(sql, [stream])
          expect(problems, sql).toEqual([])
          expect(checked?.definition, sql).toStrictEqual(definition)
          expect(printView(checked?.definition ?? definition), sql).toBe(printView(definition))
        }),
        { numRuns: 400 },
      )
    })
  }

  test('over a union of streams', () => {
    fc.assert(
      fc.property(arbitraryUnionView(UNION, [ALL_TYPES, AWKWARD], ALL_KNOBS), (definition) => {
        const sql = printView(definition)
        const { checked, problems } = parseViewSync(sql, [ALL_TYPES, AWKWARD])
        expect(problems, sql).toEqual([])
        expect(checked?.definition, sql).toStrictEqual(definition)
        expect(printView(checked?.definition ?? definition), sql).toBe(sql)
        expect(checkDefinition(definition, [ALL_TYPES, AWKWARD])).toStrictEqual({ checked, problems: [] })
      }),
      { numRuns: 200 },
    )
  })

  test('and the check of the form agrees with the check of its SQL', () => {
    fc.assert(
      fc.property(arbitraryView(ALL_TYPES, ALL_KNOBS), (definition) => {
        const fromForm = checkDefinition(definition, [ALL_TYPES])
        const fromSql = parseViewSync(printView(definition, { eventTime: 'ts' }), [ALL_TYPES])
        expect(fromSql).toStrictEqual(fromForm)
      }),
      { numRuns: 200 },
    )
  })
})
