import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from '../../definition/check-view.ts'
import { loadParser, parseViewSync } from '../../definition/parse-sql.ts'
import { DATE_PARTS } from '../../definition/scalars.ts'
import { arbitraryView } from '../../definition/testing/arbitrary-view.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { openDuckdb, sameValue } from '../state/duckdb.fixture.ts'
import { planView } from '../plan/plan.ts'
import { compileEvaluator } from './evaluator.ts'
import type { Value } from './value.ts'

let duckdb: DuckDBConnection
beforeAll(async () => {
  await loadParser()
  duckdb = await openDuckdb()
})

const row: Record<string, Value> = { ts: 0, k: 'x', n: 1, i: 7, d: 2.5, m: 1050, s: 'aé😀', b: true, t: 983_404_799_999 }

/** Value and counters of an expression over the row above; its text as a view would have it. */
function evaluate(expression: string, fields: Record<string, Value> = {}): { value: Value; type: string; counted: string[] } {
  const { checked, problems } = parseViewSync(
    `SELECT k, (${expression}) AS f FROM events WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`,
    [ALL_TYPES],
  )
  if (!checked) throw new Error(JSON.stringify(problems))
  const evaluator = compileEvaluator(planView(checked.definition, ALL_TYPES))
  const values = evaluator.plan.fields.map(({ name }) => ({ ...row, ...fields })[name] ?? null)
  const columns = evaluator.columnsOf(values)
  const [value] = evaluator.evaluate(
    {
      columns: columns.map((column) => [column]),
      times: [],
      bases: null,
      head: 0,
      indexBehind: () => 1,
      lowerBound: () => 0,
      upperBound: () => 1,
    },
    0,
    columns,
  )
  const counted = Object.entries(evaluator.counters)
    .filter(([, count]) => count > 0)
    .map(([name]) => name)
  expect(evaluator.featureTypes[0]).toBe(checked.featureTypes[0]!.type)
  return { value: value!, type: String(evaluator.featureTypes[0]), counted }
}
const valueOf = (expression: string, fields?: Record<string, Value>) => evaluate(expression, fields).value

describe('language 12, 13: numbers', () => {
  test.each([
    ['7 / 2', 3.5],
    ['i / 2', 3.5],
    ['div(i, 2)', 3],
    ['div(-7, 2)', -3],
    ['-7 % 3', -1],
    ['i * 1.5', 10.5],
    ['m + 1', 11.5],
    ['m * 1.05', 11.025],
    ['m / 4', 2.625],
    ['m > 10.49', true],
    ['m = 10.5', true],
    ['0.1 + 0.2', 0.3],
    ['0.1::double + 0.2::double', 0.30000000000000004],
  ])('%s = %s', (expression, expected) => expect(valueOf(expression)).toBe(expected))

  test.each(['i / 0', 'i % 0', 'div(i, 0)', 'm / 0', 'd / 0', 'd % 0'])(
    'language 13: division by zero is NULL, and counted: %s',
    (expression) => expect(evaluate(expression)).toMatchObject({ value: null, counted: ['divisionByZero'] }),
  )

  test('what CASE does not choose is not counted', () =>
    expect(evaluate('CASE WHEN i > 0 THEN 1 ELSE i / 0 END')).toMatchObject({ value: 1, counted: [] }))

  test('semantics 8: integers never wrap', () => {
    expect(valueOf('i + 1', { i: 2 ** 53 - 1 })).toBe(2 ** 53)
    expect(evaluate('i + 1', { i: 2 ** 53 })).toMatchObject({ value: null, counted: ['overflow'] })
    expect(evaluate('i * i', { i: 94_906_267 })).toMatchObject({ value: null, counted: ['overflow'] })
    expect(evaluate('i * i * i', { i: -3_000_000 })).toMatchObject({ value: null, counted: ['overflow'] })
    expect(evaluate('m * 100000 * 100000', { m: 99_999_999 })).toMatchObject({ value: null, counted: ['overflow'] })
  })

  test('NaN and infinities are NULL, and counted', () =>
    expect(evaluate('d * d', { d: 1e200 })).toMatchObject({ value: null, counted: ['notFinite'] }))

  test.each(['sqrt(-1)', 'ln(0)', 'ln(-1)', 'log10(0)', 'asin(2)', 'power(0, -1)', 'power(-8, 0.5)', 'exp(1000)', 'log2(-2.5)'])(
    'outside of what a function is defined for it is NULL, and counted: %s',
    (expression) => expect(evaluate(expression)).toMatchObject({ value: null, counted: ['notFinite'] }),
  )

  test('a text that would grow beyond a million characters is NULL, counted as an overflow', () => {
    for (const call of ["repeat('ab', 600000)", "lpad('a', 2000000, 'b')", "replace(repeat('a', 2000), 'a', repeat('b', 2000))"])
      expect(evaluate(call)).toMatchObject({ value: null, counted: ['overflow'] })
    expect(evaluate("lpad('a', 3, '')")).toMatchObject({ value: null, counted: ['badCast'] })
  })

  test('decimals stay whole: trunc and sign of one are exact, what is computed as a double is one', () => {
    expect(evaluate('trunc(m)')).toMatchObject({ value: 10, type: 'decimal(15,0)' })
    expect(evaluate('sign(m)')).toMatchObject({ value: 1, type: 'int' })
    expect(evaluate('sqrt(m * m)')).toMatchObject({ value: 10.5, type: 'double' })
  })

  test.each([
    ['0.5', 0],
    ['1.5', 2],
    ['2.5', 2],
    ['-0.5', 0],
    ['-1.5', -2],
    ['2.4999', 2],
  ])('CAST to int rounds half to even: %s → %s', (text, expected) => {
    expect(valueOf(`(${text}::double)::int`)).toBe(expected)
    expect(valueOf(`('${text}')::int`)).toBe(expected)
    expect(valueOf(`(${text})::int`)).toBe(expected)
  })

  test.each([
    ["'x'::int", 'badCast'],
    ["'1e300'::int", 'badCast'],
    ["''::double", 'badCast'],
    ["'nan'::double", 'badCast'],
    ["'maybe'::boolean", 'badCast'],
    ['s::timestamp', 'badCast'],
    ['(d * 1000)::decimal(3,1)', 'badCast'],
  ])('a cast that fails is NULL, and counted: %s', (expression, counter) =>
    expect(evaluate(expression)).toMatchObject({ value: null, counted: [counter] }),
  )
})

describe('three-valued logic and NULL', () => {
  const none = { b: null, i: null, s: null }
  test.each([
    ['b AND false', false],
    ['false AND b', false],
    ['b OR true', true],
    ['b AND true', null],
    ['NOT b', null],
    ['i = 1', null],
    ['i IS NULL', true],
    ['i IS DISTINCT FROM 1', true],
    ['i IS NOT DISTINCT FROM i', true],
    ['i IN (1, 2)', null],
    ['1 IN (i, 1)', true],
    ['1 IN (i, 2)', null],
    ['1 NOT IN (i, 2)', null],
    ['coalesce(i, 3)', 3],
    ['nullif(3, i)', 3],
    ['greatest(i, 3)', 3],
    ['least(i, 3)', 3],
    ["s || 'x'", null],
    ["s LIKE '%'", null],
    ['CASE WHEN b THEN 1 END', null],
  ])('%s is %s', (expression, expected) => expect(valueOf(expression, none)).toBe(expected))
})

describe('strings', () => {
  test.each([
    ['length(s)', 3],
    ['upper(s)', 'AÉ😀'],
    ["s LIKE 'a__'", true],
    ["s LIKE 'a_'", false],
    ["'a%b' LIKE 'a\\%b'", false],
    ["'AB' ILIKE 'a_'", true],
    ["'a\nb' LIKE 'a%b'", true],
    ["'\uffee' < '😀'", true],
    ["'Z' < 'a'", true],
  ])('%s = %s', (expression, expected) => expect(valueOf(expression)).toBe(expected))
})

describe('DuckDB agrees', () => {
  const ours = async (expression: string) => {
    const { type } = evaluate(expression)
    return type === 'timestamp'
      ? `epoch_ms(${expression})::DOUBLE`
      : type === 'string' || type === 'boolean'
        ? `(${expression})`
        : `(${expression})::DOUBLE`
  }
  test.each([
    '1e15::double::varchar',
    '1e16::double::varchar',
    '0.0001::double::varchar',
    '0.00001::double::varchar',
    '(-2.5)::double::varchar',
    '123456789.125::double::varchar',
    '1e-300::double::varchar',
    '5::varchar',
    'true::varchar',
    '1.50::decimal(5,2)::varchar',
    '(-0.05)::decimal(5,2)::varchar',
    "'2001-02-03 04:05:06.5'::timestamp::varchar",
    "'2001-02-03'::timestamp::varchar",
    "' 12 '::int",
    "'1e3'::int",
    "'.5'::double",
    "'-1.005'::decimal(5,2)",
    "'1.005'::decimal(5,2)",
    "'t'::boolean",
    "'FALSE'::boolean",
    "'1'::boolean",
    "'no'::boolean",
    '2.675::double::decimal(5,2)',
    '1.005::decimal(5,3)::decimal(5,2)',
    '(-1.005)::decimal(5,3)::decimal(5,2)',
    'true::int',
    'true::double',
    '0::boolean',
    '2::boolean',
    '0.4::double::int',
    'round(2.5::double)',
    'round(-2.5::double)',
    'round(2.345::double, 2)',
    'round(1234.5::double, -2)',
    'round(0.49999999999999994::double)',
    'floor(-2.5::double)',
    'ceil(-2.5::double)',
    'round(2.5)',
    'round(-2.345, 2)',
    'floor(-2.5)',
    'ceil(2.01)',
    'round(7, -1)',
    'abs(-3)',
    'abs(-2.5)',
    'greatest(1, 2.5, 2::double)',
    "least('b', 'a')",
    'coalesce(NULL, 1.5, 2)',
    'nullif(1, 1.0)',
    '7 % -3',
    '-7.5 % 2',
    '7.25::double % 2',
    "'2001-03-31'::timestamp - interval '1 month'",
    "'2000-02-29'::timestamp + interval '1 year'",
    "'2001-03-01 00:00:00.001'::timestamp - interval '1 day 1 millisecond'",
    "lower('ÀÉ中ẞİ')",
    "upper('straße')",
    "length('é中😀')",
    "'abc' LIKE 'a%c'",
    "'abc' LIKE '_b_'",
    "'a.c' LIKE 'abc'",
    '1.5 = 1.50',
    '1.5 > 1',
    '1 = 1.0::double',
    "'' < 'a'",
    "concat('a', NULL, 'b')",
    "concat_ws(', ', 'a', NULL, 'b')",
    "concat_ws(NULL, 'a')",
    "replace('aaaa', 'aa', 'b')",
    "replace('aaa', '', 'x')",
    "repeat('ab', 3)",
    "repeat('ab', -1)",
    "reverse('😀ab')",
    "reverse('e\u0301x')",
    "strpos('中文😀a', 'a')",
    "strpos('abc', 'x')",
    "strpos('abc', '')",
    "position('b' IN 'abc')",
    "starts_with('abc', 'ab')",
    "ends_with('abc', 'ab')",
    "contains('abc', '')",
    "trim('  a\u00a0\u3000')",
    "trim('\ta\n')",
    "trim(both 'xy' from 'xxaxyx')",
    "trim(leading 'x' from 'xax')",
    "trim(trailing from ' a ')",
    "ltrim('xxa', 'x')",
    "rtrim('a😀', '😀')",
    "lpad('a', 4, 'xy')",
    "lpad('abc', 2, 'x')",
    "rpad('a', 4, 'xy')",
    "rpad('a', -1, 'xy')",
    "substring('hello' from 2 for 3)",
    "substring('hello' from 4)",
    "substring('hello' for 2)",
    "'a%b' LIKE 'a!%b' ESCAPE '!'",
    "'axb' NOT LIKE 'a!%b' ESCAPE '!'",
    "'a!b' LIKE 'a!!b' ESCAPE '!'",
    "'a' LIKE 'a!' ESCAPE '!'",
    "extract(year from timestamp '2001-02-03 04:05:06.789')",
    "extract(epoch from timestamp '2001-02-03 04:05:06.789')",
    "epoch_ms(timestamp '1901-02-03 04:05:06.789')",
    "if(1 > 2, 'a', 'b')",
    'sqrt(2)',
    'cbrt(-27.0)',
    'power(2, 0.5)',
    'exp(1.5)',
    'ln(10)',
    'log(1000)',
    'log2(8.5)',
    'sin(1)',
    'cos(1)',
    'tan(1)',
    'asin(0.5)',
    'acos(0.5)',
    'atan(2)',
    'atan2(1, -1)',
    'radians(180)',
    'degrees(1)',
    'pi()',
    'sign(-2.5)',
    'sign(0)',
    'trunc(-2.7)',
    'trunc(2.7::double)',
    'false < true',
  ])('%s', async (expression) => {
    const [[expected]] = (await duckdb.runAndReadAll(`SELECT ${await ours(expression)}`)).getRows() as [[Value]]
    const value = valueOf(expression)
    if (!sameValue(value, expected)) expect(value).toEqual(expected)
  })

  const texts = fc.array(fc.constantFrom('a', 'b', ',', ' ', 'é', '😀'), { maxLength: 8 }).map((chars) => chars.join(''))
  test('about parts of any text, counted from either end', async () => {
    const around = fc.integer({ min: -10, max: 10 })
    await fc.assert(
      fc.asyncProperty(texts, texts, around, around, async (text, other, m, n) => {
        const quoted = [text, other].map((one) => `'${one}'`)
        const calls = [
          `substring(${quoted[0]}, ${m}, ${n})`,
          `substring(${quoted[0]}, ${m})`,
          `left(${quoted[0]}, ${m})`,
          `right(${quoted[0]}, ${m})`,
          `split_part(${quoted[0]}, ${quoted[1]}, ${m})`,
          `split_part(${quoted[0]}, ',', ${m})`,
          `replace(${quoted[0]}, 'a', ${quoted[1]})`,
          `strpos(${quoted[0]}, ${quoted[1]})`,
          `trim(${quoted[0]}, ${quoted[1]})`,
          `lpad(${quoted[0]}, ${m}, 'ab')`,
          `rpad(${quoted[0]}, ${m}, 'é')`,
        ]
        const [expected] = (await duckdb.runAndReadAll(`SELECT ${calls.join(', ')}`)).getRows()
        const found = calls.map((call) => valueOf(call))
        expect(found).toEqual(expected!.map((value) => (typeof value === 'bigint' ? Number(value) : value)))
      }),
      { numRuns: 200 },
    )
  })

  test('about parts of any instant, and what lies between two', async () => {
    const instants = fc.oneof(
      fc.integer({ min: Date.UTC(1600, 0, 1), max: Date.UTC(2300, 0, 1) }),
      fc
        .record({ y: fc.integer({ min: 1890, max: 2210 }), d: fc.integer({ min: -8, max: 8 }) })
        .map(({ y, d }) => Date.UTC(y, 0, 1) + d * 43_200_000 - 1),
    )
    await fc.assert(
      fc.asyncProperty(instants, instants, async (a, b) => {
        const at = (ms: number) => `timestamp '${new Date(ms).toISOString().slice(0, -1).replace('T', ' ')}'`
        const calls = [
          ...DATE_PARTS.date_part.map((part) => `date_part('${part}', ${at(a)})::double`),
          ...DATE_PARTS.date_trunc.map((part) => `epoch_ms(date_trunc('${part}', ${at(a)}))::double`),
          ...DATE_PARTS.date_diff.map((part) => `date_diff('${part}', ${at(a)}, ${at(b)})::double`),
        ]
        const [expected] = (await duckdb.runAndReadAll(`SELECT ${calls.join(', ')}`)).getRows()
        expect(calls.map((call) => valueOf(call))).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

test('every compiled feature has the type that the checker gave it', () => {
  fc.assert(
    fc.property(arbitraryView(ALL_TYPES, { depth: 4, collections: true }), (definition) => {
      const { featureTypes } = checkDefinition(definition, [ALL_TYPES]).checked!
      const evaluator = compileEvaluator(planView(definition, ALL_TYPES))
      const compiled = evaluator.featureTypes.map((type) => (type === 'null' ? 'null' : type))
      featureTypes.forEach(({ type }, i) => compiled[i] === 'null' || expect(compiled[i]).toBe(type))
    }),
    { numRuns: 150 },
  )
})
