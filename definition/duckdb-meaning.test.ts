/** A text that DuckDB takes means the same here: the canonical text, run in DuckDB, gives the same rows as the one given. */
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { checkDefinition } from './check-view.ts'
import type { Expr, ViewDefinition } from './model.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { arbitraryView } from './testing/arbitrary-view.ts'
import { around } from './testing/problems.ts'
import { ALL_TYPES } from './testing/streams.ts'

vi.setConfig({ testTimeout: 300_000 })

let rowsOf: (sql: string) => Promise<string>

beforeAll(async () => {
  await loadParser()
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run('CREATE MACRO div(a, b) AS a // b')
  await connection.run(`CREATE TABLE events AS SELECT
    make_timestamp((983404800000 + (i // 2) * 450000) * 1000) AS ts, ['x', 'y', 'z'][1 + i % 3] AS k, i::BIGINT AS n,
    CASE WHEN i % 4 > 0 THEN (i % 5)::BIGINT END AS i, CASE WHEN i % 5 > 0 THEN (i % 7) / 4 END AS d,
    CASE WHEN i % 3 > 0 THEN ((i % 6) / 2)::DECIMAL(10, 2) END AS m, CASE WHEN i % 6 > 0 THEN ['a', 'b', 'A', 'a%_b', ''][1 + i % 5] END AS s,
    CASE WHEN i % 7 > 1 THEN i % 2 = 0 END AS b, CASE WHEN i % 8 > 0 THEN make_timestamp((983404800000 + (i % 4) * 3600000) * 1000) END AS t
    FROM range(60) r(i)`)
  // rows that tie on the event time have no order of their own: FIRST and LAST would differ from run to run
  rowsOf = async (sql) =>
    (await connection.runAndReadAll(sql))
      .getRowsJson()
      .map((row) => JSON.stringify(row))
      .sort()
      .join('\n')
})

describe('other spellings', () => {
  test.each([
    'i between 1 and 3',
    'i not between 1 and 3',
    'not i between 2 and 3 or b',
    'b is true',
    'b is not true',
    'b is not false',
    'not b is null',
    'i is not distinct from 3',
    'i is distinct from n % 4',
    'i != 3',
    'i + 1 * 2 - 3',
    '-i % 3',
    '- i + 2',
    '-i::double',
    '(-i)::double',
    "s || 'x' like 'a%x'",
    "s not like '%a%' or b",
    'not b and b or b',
    'not (b and b) or not b',
    'i = 1 is null',
    'case i when 1 then 2 when null then 5 else 3 end',
    'case when b then i end',
    'coalesce(i, 0.5)',
    'ifnull(d, 2e0)',
    'nullif(i, 3)',
    'greatest(i, d)',
    'least(i, 2)',
    'round(d, 1)',
    'round(d)',
    'ceiling(d)',
    'floor(m)',
    'mod(n, 4)',
    'n // 7',
    '7 / 2',
    'i / 4 * 4',
    'cast(d as bigint)',
    'd::bigint',
    'm::int8',
    'i::text',
    "t > '2001-03-01 01:00:00'",
    "t in ('2001-03-01', timestamp '2001-03-01 02:00')",
    "t + interval '90 minutes'",
    't - interval 1 hour'.replace('1 hour', "'1' hour"),
    'len(s)',
    "s like 'a!%!_%' escape '!'",
    'extract(hour from t)',
    'extract(epoch from t)',
    'dayofweek(t) + dayofyear(t) + week(t) + quarter(t)',
    'year(t) * 10000 + month(t) * 100 + day(t)',
    'second(t)',
    "date_trunc('months', t)",
    "datediff('hour', t, ts)",
    "date_diff('day', ts, timestamp '2001-03-01 12:00')",
    'epoch_ms(t)',
    "position('a' in s)",
    "instr(s, 'b')",
    'substring(s from 2)',
    'substring(s for 1)',
    'substr(s, 1, 2)',
    "trim(both 'a' from s)",
    "trim(trailing 'b' from s)",
    "ltrim(s, 'a')",
    "concat(s, '-', k)",
    "concat_ws(', ', k, s)",
    "split_part(s, '%', 1)",
    'left(s, 1) || right(k, 1)',
    "if(b, 'a', s)",
    'pow(n, 2)',
    'sqrt(n)',
    'log(n + 1)',
    'trunc(d)',
    'trunc(m)',
    'sign(i - 2)',
    "lpad(s, 3, '*')",
    'list(n) over w',
    'max(i, 2) over w',
    'histogram(s) over w',
    'max_by(s, n, 2) over w',
    'sum(distinct i) over w',
    'upper(s) || lower(s)',
    "s in ('a', 'A', null)",
    "s not in ('a', 'b')",
    "s ilike 'A%'",
    'i in (1, 2.0)',
    "t + interval '1 month 2 days'",
    'count(*) over w',
    'count() over w',
    'count(distinct s) over w',
    'countif(b) over w',
    'mean(m) over w',
    'sum(i) over w * 1.0 / count(*) over w',
    'sum(d) filter (where i > 2) over w',
    'min(distinct s) over w',
    'max(t) over w',
    "count(*) over (partition by k order by ts range between interval '2 hours' preceding and interval '30' minute preceding)",
    'sum(i) over (partition by k order by ts)',
    'max(d) over w is not null and b',
    '1 - -1',
    '- - 2',
    '1_000 + i',
  ])('%s', async (expression) => {
    const sql = around(expression).replace('SELECT', 'SELECT k,')
    const { checked, problems } = parseViewSync(sql, [ALL_TYPES])
    expect(problems).toEqual([])
    const canonical = checked ? printView(checked.definition, { eventTime: 'ts' }) : ''
    expect(await rowsOf(canonical), canonical).toBe(await rowsOf(sql))
  })
})

test('parentheses that the printer leaves out are not needed in DuckDB either', async () => {
  const knobs = {
    filters: false,
    hints: false,
    aggregates: ['count', 'count_if', 'min', 'max', 'sum', 'avg'] as const,
    maxFeatures: 3,
    maxWindows: 1,
  }
  await fc.assert(
    fc.asyncProperty(arbitraryView(ALL_TYPES, { ...knobs, aggregates: [...knobs.aggregates] }), async (definition) => {
      const plain = await outcome(printView(definition, { eventTime: 'ts' }))
      expect(plain, printView(definition)).toBe(await outcome(printView(definition, { eventTime: 'ts', allParentheses: true })))
    }),
    { numRuns: 300 },
  )
  expect(answered).toBeGreaterThan(150)
})

let answered = 0

/** Rows, or that DuckDB refuses to compute them (an overflow, say): what counts is that both texts fare alike. */
async function outcome(sql: string): Promise<string> {
  try {
    const rows = await rowsOf(sql)
    answered++
    return rows
  } catch (error) {
    return `refused: ${String(error).split(':')[1]}`
  }
}

test('and the check of a definition keeps its meaning: minus of a constant, columns that are fields', async () => {
  const literal = (value: number): Expr => ({ kind: 'literal', type: 'int', value })
  const definition: ViewDefinition = {
    stream: 'events',
    key: ['k'],
    hints: {},
    windows: [{ name: 'w', mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } }],
    features: [
      { name: 'i', expr: { kind: 'field', name: 'i' } },
      {
        name: 'x',
        expr: {
          kind: 'binary',
          op: '-',
          left: { kind: 'feature', name: 'i' },
          right: { kind: 'unary', op: '-', arg: { kind: 'unary', op: '-', arg: literal(-5) } },
        },
      },
    ],
  }
  const { checked } = checkDefinition(definition, [ALL_TYPES])
  expect(checked && (await rowsOf(printView(checked.definition, { eventTime: 'ts' })))).toBe(
    await rowsOf('SELECT k, i, i - (-5) AS x FROM events'),
  )
})
