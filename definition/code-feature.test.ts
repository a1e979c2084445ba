import { describe, expect, test } from 'vitest'
import { checkDefinition } from './check-view.ts'
import { diffDefinitions } from './diff.ts'
import { definitionHash, featureIds } from './feature-id.ts'
import type { CodeFeature, ViewDefinition } from './model.ts'
import { parseView } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { delayRun, score } from './testing/code.ts'
import { FLIGHTS as flights } from './testing/streams.ts'

const code = [delayRun, score]
const WINDOW = "WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW)"
const parse = (sql: string, features: readonly CodeFeature[] = code) => parseView(sql, [flights], features)

async function sound(sql: string, features = code): Promise<ViewDefinition> {
  const { checked, problems } = await parse(sql, features)
  expect(problems).toEqual([])
  return checked!.definition
}

describe('a call of a feature in TypeScript', () => {
  test('takes inputs by position or name and parameters by name, and needs no OVER beside a window', async () => {
    const definition = await sound(`SELECT origin, COUNT(*) OVER w AS n, DELAY_RUN(delay, threshold => 20) AS run FROM flights ${WINDOW}`)
    expect(definition.features[1]!.expr).toEqual({
      kind: 'code',
      feature: 'delay_run',
      args: [
        { name: 'delay', value: { kind: 'field', name: 'delay' } },
        { name: 'threshold', value: { kind: 'literal', type: 'int', value: 20 } },
      ],
    })
    expect(definition.code).toEqual([delayRun])
    const other = await sound(
      `SELECT origin, COUNT(*) OVER w AS n, delay_run(threshold => 20, delay => delay) AS run FROM flights ${WINDOW}`,
    )
    expect(other).toEqual(definition)
  })

  test('makes a view without windows: its OVER says the key', async () => {
    const definition = await sound(
      'SELECT delay_run(delay) OVER (PARTITION BY origin, destination ORDER BY event_time) AS run, run + 1 AS more FROM flights',
    )
    expect(definition).toMatchObject({ key: ['origin', 'destination'], windows: [] })
    expect(printView(definition, { eventTime: 'event_time' })).toContain('OVER (PARTITION BY origin, destination ORDER BY event_time)')
  })

  test('a number is widened to what the input is, in the text', async () => {
    const definition = await sound('SELECT score(delay, destination) OVER (PARTITION BY origin ORDER BY event_time) AS s FROM flights')
    expect(printView(definition, { eventTime: 'event_time' })).toContain('score(value => delay::double, place => destination)')
  })

  test.each([
    `SELECT origin, delay_run(delay, threshold => -20, share => 0.25) AS run, 2 * delay_run(delay + 1) AS twice, COUNT(*) OVER w AS n FROM flights ${WINDOW}`,
    "SELECT score(NULL, destination, mode => 'it''s') OVER (PARTITION BY origin ORDER BY event_time) AS s, s > 1 AS high FROM flights WHERE delay > 0",
    'SELECT delay_run(delay) OVER k AS run, COUNT(*) OVER k AS n FROM flights WINDOW k AS (PARTITION BY origin ORDER BY event_time)',
  ])('parse(print(d)) = d: %s', async (sql) => {
    const definition = await sound(sql)
    const text = printView(definition, { eventTime: 'event_time' })
    expect(await sound(text)).toEqual(definition)
    expect(checkDefinition(definition, [flights], code).checked?.definition).toEqual(definition)
  })

  test.each([
    ['delay_rum(delay)', 'unknown_function', /delay_run/],
    ['delay_run()', 'wrong_arguments', /needs its input `delay`/],
    ['delay_run(delay, 20)', 'wrong_arguments', /parameters are given by name/],
    ['delay_run(delay, treshold => 20)', 'wrong_arguments', /threshold/],
    ['delay_run(delay, threshold => delay)', 'wrong_arguments', /constant of type int/],
    ['delay_run(delay, threshold => 1.5)', 'wrong_arguments', /constant of type int/],
    ['delay_run(delay, delay => 1)', 'wrong_arguments', /twice/],
    ['delay_run(destination)', 'type_mismatch', /is int, this is string/],
    ['delay_run(COUNT(*) OVER w)', 'aggregate_not_allowed', /as an input/],
    ['SUM(delay_run(delay)) OVER w', 'aggregate_not_allowed', /inside another aggregate/],
    ['delay_run(DISTINCT delay)', 'wrong_arguments', /DISTINCT/],
    ['delay_run(delay) OVER w', 'bad_frame', /sees every event/],
    ['delay_run(delay) OVER (PARTITION BY origin ORDER BY event_time ROWS 3 PRECEDING)', 'bad_frame', /sees every event/],
    ['delay_run(delay) OVER (PARTITION BY destination ORDER BY event_time)', 'different_keys', /one key/],
    ['delay_run(delay) OVER nowhere', 'unknown_window', /nowhere/],
  ])('%s: %s', async (call, wanted, says) => {
    const { problems } = await parse(`SELECT origin, COUNT(*) OVER w AS n, ${call} AS x FROM flights ${WINDOW}`)
    expect(problems.map((problem) => problem.code)).toContain(wanted)
    expect(problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('\n')).toMatch(says)
  })

  test('without a key there is no view', async () => {
    const { problems } = await parse('SELECT delay_run(delay) AS run FROM flights')
    expect(problems.map((problem) => problem.code)).toEqual(['no_window'])
  })
})

describe('a view version pins what it runs', () => {
  const sql = `SELECT origin, COUNT(*) OVER w AS n, delay_run(delay) AS run, run > 3 AS long FROM flights ${WINDOW}`
  const edited = [{ ...delayRun, hash: 'cccc', source: 'exports.default = { }' }, score]

  test('a changed source is a changed feature with new state, through columns too; the others are kept', async () => {
    const [before, after] = [await sound(sql), await sound(sql, edited)]
    expect(definitionHash(after)).not.toBe(definitionHash(before))
    const [old, now] = [featureIds(before), featureIds(after)]
    expect(now.map((id, i) => id === old[i])).toEqual([true, false, false])
    expect(diffDefinitions(before, after).features.map(({ name, change }) => [name, change])).toEqual([
      ['n', 'kept'],
      ['run', 'changed'],
      ['long', 'changed'],
    ])
  })

  test('code that a client sends along is not taken', async () => {
    const definition = await sound(sql)
    const forged = { ...definition, code: [{ ...delayRun, source: 'process.exit()' }] }
    expect(checkDefinition(forged, [flights], code).checked?.definition.code).toEqual([delayRun])
    expect(checkDefinition(forged, [flights]).problems.map((problem) => problem.code)).toContain('unknown_function')
  })
})
