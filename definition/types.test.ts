/** The types promised for each feature are those that DuckDB finds for the same text: our table against its binder. */
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { checkDefinition } from './check-view.ts'
import { AGGREGATE_NAMES } from './functions.ts'
import { quoteName } from './identifiers.ts'
import type { StreamSchema, ValueType, ViewDefinition } from './model.ts'
import { printView } from './print-sql.ts'
import { arbitraryView, DEFAULT_KNOBS, type ViewKnobs } from './testing/arbitrary-view.ts'
import { ALL_TYPES } from './testing/streams.ts'
import { arithmeticType, commonType, decimalConstantType, elementType, isNumeric, isValidType, mapKeyType, typeToSql } from './types.ts'

// many random cases: a slow machine must not fail them
vi.setConfig({ testTimeout: 300_000 })

async function duckdbWith(stream: StreamSchema) {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run('CREATE MACRO div(a, b) AS a // b')
  await connection.run(
    `CREATE TABLE ${quoteName(stream.name)} (${stream.fields.map(({ name, type }) => `${quoteName(name)} ${typeToSql(type)}`).join(', ')})`,
  )
  return async (definition: ViewDefinition) => {
    const reader = await connection.runAndReadAll(`DESCRIBE ${printView(definition, { eventTime: stream.eventTime })}`)
    return new Map(reader.getRows().map((row) => [String(row[0]), String(row[1])]))
  }
}

/** Widths differ (INTEGER, BIGINT, HUGEINT; DECIMAL of up to 38 digits), the family does not; nor does a decimal's scale. */
function sameType(ours: ValueType, theirs: string): boolean {
  const [element, key] = [elementType(ours), mapKeyType(ours)]
  if (element !== undefined) return theirs.endsWith('[]') && sameType(element, theirs.slice(0, -2))
  if (key !== undefined) return /^MAP\(.*, UBIGINT\)$/.test(theirs) && sameType(key, theirs.slice(4, -', UBIGINT)'.length))
  const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(theirs)?.[1]
  if (ours === 'int') return /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UBIGINT)$/.test(theirs)
  if (ours.startsWith('decimal')) return scale !== undefined && ours.endsWith(`,${scale})`)
  return { double: 'DOUBLE', string: 'VARCHAR', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' }[ours as string] === theirs
}

// MEDIAN and QUANTILE_CONT of a decimal and APPROX_QUANTILE are a double here, not there; DuckDB knows no SKEWNESS_POP, EXP_DECAY_SUM, TIME_SINCE_LAST
const AS_IN_DUCKDB = AGGREGATE_NAMES.filter(
  (fn) =>
    !['first', 'last', 'lag', 'median', 'quantile_cont', 'approx_quantile', 'skewness_pop', 'exp_decay_sum', 'time_since_last'].includes(
      fn,
    ),
)
// DuckDB refuses FILTER on FIRST, LAST and LAG; constants too long for it would only test its limits
const variants: [string, ViewKnobs][] = [
  ['with FILTER', { aggregates: AS_IN_DUCKDB, collections: true }],
  ['with FIRST and LAST', { filters: false, collections: true, aggregates: [...AS_IN_DUCKDB, 'first', 'last', 'lag'] }],
]
for (const [name, knobs] of variants) {
  test(`a canonical text runs in DuckDB and its features have the types that we say, ${name}`, async () => {
    const describe = await duckdbWith(ALL_TYPES)
    await fc.assert(
      fc.asyncProperty(
        arbitraryView(ALL_TYPES, { ...DEFAULT_KNOBS, hints: false, nulls: false, depth: 2, ...knobs }),
        async (definition) => {
          const { checked } = checkDefinition(definition, [ALL_TYPES])
          const theirs = await describe(definition)
          for (const { name: column, type } of checked?.featureTypes ?? []) {
            // DuckDB has DOUBLE for floor and ceil of an int (the same values), for a decimal that meets the 39 digits of its
            // HUGEINT (SUM and COUNT_IF of ints), and for what is computed from these
            const text = printView(definition)
            const theirDouble =
              /^DOUBLE|^MAP\(DOUBLE/.test(theirs.get(column) ?? '') &&
              isNumeric(elementType(type) ?? mapKeyType(type) ?? type) &&
              (/(floor|ceil)\(/.test(text) || (type !== 'int' && /(SUM|COUNT_IF)\(/.test(text)))
            expect(
              theirDouble || sameType(type, theirs.get(column) ?? 'none'),
              `${column}: ours ${type}, DuckDB ${theirs.get(column)}\n${printView(definition)}`,
            ).toBe(true)
          }
        },
      ),
      { numRuns: 150 },
    )
  })
}

test.each([
  ['0.5', 'decimal(1,1)'],
  ['10.25', 'decimal(4,2)'],
  ['007.', 'decimal(1,0)'],
  ['123456789012345.6', 'double'],
])('the constant %s is %s', (text, type) => {
  expect(decimalConstantType(text)).toBe(type)
})

test('types that do not go together have no common type and no arithmetic', () => {
  expect(commonType('int', 'string')).toBeUndefined()
  expect(commonType('boolean', 'int')).toBeUndefined()
  expect(arithmeticType('+', 'timestamp', 'timestamp')).toBeUndefined()
  expect(arithmeticType('*', 'timestamp', 'interval')).toBeUndefined()
  expect(arithmeticType('*', 'decimal(15,10)', 'decimal(15,6)')).toBeUndefined()
  expect(arithmeticType('-', 'timestamp', 'interval')).toBe('timestamp')
})

test.each(['decimal(0,0)', 'decimal(16,2)', 'decimal(5,6)'] as const)('%s does not exist', (type) => {
  expect(isValidType(type)).toBe(false)
})
