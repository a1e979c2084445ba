import { describe, expect, test } from 'vitest'
import {
  defaultOf,
  describeParameter,
  formatParameter,
  PARAMETER_KEYS,
  PARAMETERS,
  readParameter,
  resolveParameters,
  toJobParameters,
} from './parameters.ts'

test('every parameter has sentences in both languages, and a default within its own bounds that reads back as shown', () => {
  for (const key of PARAMETER_KEYS) {
    expect(PARAMETERS[key].sentence.en, key).toMatch(/\.$/)
    expect(PARAMETERS[key].sentence['zh-CN'], key).toMatch(/。$/)
    for (const order of ['arrival', 'event_time'] as const) {
      const value = defaultOf(key, order)
      if (value === null) continue
      expect(readParameter(key, value), key).toEqual({ ok: true, value })
      expect(readParameter(key, formatParameter(key, value)), key).toEqual({ ok: true, value })
    }
  }
})

test('descriptions are plain data', () => {
  for (const key of PARAMETER_KEYS) expect(JSON.parse(JSON.stringify(describeParameter(key)))).toEqual(describeParameter(key))
})

describe('values as people and files write them', () => {
  test.each([
    ['outOfOrderness', '90 seconds', 90_000],
    ['historyRetention', '3650 days', 3650 * 86_400_000],
    ['checkpointInterval', 500, 500],
    ['memoryLimit', '1.5 GiB', 1.5 * 1024 ** 3],
    ['memoryLimit', '512MB', 512e6],
    ['historyEventTime', '2001-03-01T00:00:00Z', Date.UTC(2001, 2, 1)],
    ['historyEventTime', null, null],
    ['history', 'off', false],
    ['batchSize', '500', 500],
    ['restartBackoff', '2 seconds to 5 minutes', { fromMs: 2000, toMs: 300_000 }],
    ['order', 'event_time', 'event_time'],
    ['cutoverHours', 'mon-fri 9:00-17:00', 'Mon-Fri 09:00-17:00 UTC'],
    ['cutoverHours', 'Any', 'any'],
  ] as const)('%s = %s', (key, input, value) => {
    expect(readParameter(key, input)).toEqual({ ok: true, value })
  })

  test.each([
    ['outOfOrderness', '90', 'needs a unit'],
    ['outOfOrderness', '3651 days', 'at most 3650 days'],
    ['outOfOrderness', -1, 'from 0 seconds to 3650 days'],
    ['checkpointRetention', 1, 'from 2 to 1000'],
    ['batchSize', 1.5, 'batchSize'],
    ['batchSize', 'many', 'not a number'],
    ['memoryLimit', '1 banana', 'not an amount of memory'],
    ['historyEventTime', '2001-03-01', 'with a zone'],
    ['historyEventTime', '2201-03-01T00:00:00Z', 'from 1900'],
    ['order', 'random', 'one of arrival, event_time'],
    ['history', 'perhaps', 'on or off'],
    ['restartBackoff', '5 minutes to 1 second', 'longer than the longest'],
    ['cutoverHours', 'lunch', 'are no hours'],
    ['cutoverHours', 9, 'cutoverHours'],
    ['deadLetterRateLimit', 1.1, 'from 0 to 1'],
  ] as const)('%s = %s is refused: %s', (key, input, message) => {
    const read = readParameter(key, input)
    expect(read.ok).toBe(false)
    expect(read.ok ? '' : read.message).toContain(message)
  })
})

describe('scope: system → view → job, the narrower one wins', () => {
  test('and each value says where it comes from', () => {
    const effective = resolveParameters({
      system: { checkpointInterval: 1000, futureSkew: 5 },
      view: { checkpointInterval: 2000 },
      job: { checkpointInterval: '3 seconds' },
    })
    expect(effective.checkpointInterval).toEqual({ value: 3000, source: 'job' })
    expect(effective.futureSkew).toEqual({ value: 5, source: 'system' })
    expect(effective.batchSize).toEqual({ value: 1000, source: 'default' })
  })

  test('a hint of the definition goes before the view', () => {
    expect(resolveParameters({ view: { order: 'arrival' }, hints: { order: 'event_time' } }).order).toEqual({
      value: 'event_time',
      source: 'hint',
    })
  })

  test('a scope that a parameter does not have is not looked at', () => {
    expect(resolveParameters({ view: { logLevel: 'debug' }, system: { parallelism: 8 } })).toMatchObject({
      logLevel: { value: 'info', source: 'default' },
      parallelism: { value: 1 },
    })
  })

  test('language 2: allowedLateness is an hour in arrival order and none in event_time order', () => {
    expect(resolveParameters({}).allowedLateness.value).toBe(3_600_000)
    expect(resolveParameters({ hints: { order: 'event_time' } }).allowedLateness.value).toBe(0)
    expect(resolveParameters({ hints: { order: 'event_time' }, system: { allowedLateness: '1 minute' } }).allowedLateness.value).toBe(
      60_000,
    )
  })

  test('a stored value that no longer fits is passed over and named', () => {
    expect(resolveParameters({ system: { batchSize: 5 }, view: { batchSize: -5 } }).batchSize).toMatchObject({
      value: 5,
      source: 'system',
      ignored: { source: 'view' },
    })
  })
})

test('a job gets durations in milliseconds', () => {
  expect(toJobParameters(resolveParameters({ system: { outOfOrderness: '90 seconds' } }))).toMatchObject({
    outOfOrdernessMs: 90_000,
    historyEventTimeMs: null,
    memoryLimitBytes: 2 * 1024 ** 3,
  })
})
