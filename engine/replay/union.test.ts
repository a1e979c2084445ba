import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from './cli.ts'

const scratch = mkdtempSync(join(tmpdir(), 'replay-union-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const out = join(scratch, 'out.ndjson')
function file(name: string, content: string): string {
  writeFileSync(join(scratch, name), content)
  return join(scratch, name)
}

let stderr = ''
beforeEach(() => {
  stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const STREAMS = [
  {
    name: 'payments',
    eventTime: 'ts',
    fields: [
      { name: 'card', type: 'string' },
      { name: 'ts', type: 'timestamp' },
      { name: 'amount', type: 'decimal(10,2)' },
    ],
  },
  {
    name: 'refunds',
    eventTime: 'at',
    fields: [
      { name: 'card_no', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'cents', type: 'int', nullable: true },
    ],
  },
]
const BOTH = `(SELECT card, ts AS event_time, amount, 'paid' AS kind FROM payments
  UNION ALL SELECT card_no, at, -cents / 100, 'back' FROM refunds WHERE cents IS NULL OR cents > 0) AS events`
const OVER = "WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)"
const NET = `SELECT card, SUM(amount) OVER w AS net, LAST(kind) OVER w AS last_kind FROM ${BOTH} ${OVER}`
const project = (...sql: string[]) =>
  file('project.json', JSON.stringify({ streams: STREAMS, views: sql.map((text, i) => ({ name: `v${i}`, sql: text })) }))
const lines = () =>
  readFileSync(out, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { view: string; stream: string; offset: number; window?: object; features: Record<string, unknown> })
const places = () => lines().map(({ stream, offset }) => `${stream} ${offset}`)
const replay = (sql: string | string[], ...more: string[]) => main([project(...[sql].flat()), ...more, '--out', out])

const paid = (ts: number, amount: number, card = 'a') => JSON.stringify({ card, ts, amount })
const back = (at: number, cents: number | null, card = 'a') => JSON.stringify({ card_no: card, at, cents })
const PAYMENTS = file('payments.ndjson', [paid(1000, 5), paid(3000, 2.5), paid(20_000, 1)].join('\n'))
const REFUNDS = file('refunds.ndjson', [back(2000, 100), 'no event', back(3000, 50), back(3000, -1), back(4000, null)].join('\n'))
const EVENTS = ['--events', `payments=${PAYMENTS}`, '--events', `refunds=${REFUNDS}`]

describe('language 7: a replay of a view over a UNION ALL of streams', () => {
  test('a line says of which stream its event is; what is mapped, cast, missing or left out is as the SELECTs say', async () => {
    expect(await replay(NET, ...EVENTS)).toBe(0)
    expect(lines().map(({ stream, offset, features }) => [stream, offset, features.net, features.last_kind])).toEqual([
      ['payments', 0, 5, 'paid'],
      ['refunds', 0, 4, 'back'],
      ['payments', 1, 6, 'back'],
      ['refunds', 2, 6, 'back'],
      ['refunds', 4, 6, 'back'],
      ['payments', 2, 1, 'paid'],
    ])
    expect(stderr).toContain('refunds line 2 (offset 1): not_json')
  })

  test('event_time is the order, whatever the order of the files; --order arrival takes them as they come', async () => {
    expect(await replay(NET, ...EVENTS.slice(2), ...EVENTS.slice(0, 2))).toBe(0)
    const swapped = readFileSync(out, 'utf8')
    expect(await replay(NET, ...EVENTS)).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe(swapped)
    expect(await replay(NET, ...EVENTS, '--order', 'arrival')).toBe(0)
    expect(lines().find(({ stream, offset }) => stream === 'payments' && offset === 1)?.features).toEqual({ net: 6.5, last_kind: 'paid' })
  })

  test('the report names the stream of what was refused', async () => {
    const report = join(scratch, 'report.json')
    expect(await replay(NET, ...EVENTS, '--report', report)).toBe(0)
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      lines: 8,
      refused: [{ view: 'v0', stream: 'refunds', partition: 0, offset: 1, code: 'not_json' }],
      views: [{ view: 'v0', stream: 'events', streams: ['payments', 'refunds'], events: { read: 8, good: 6, refused: 1, skipped: 1 } }],
    })
  })

  test('several files of a stream are its partitions, in every branch that reads it', async () => {
    const twice = `SELECT card, COUNT(*) OVER w AS n FROM (SELECT card, ts AS event_time FROM payments UNION ALL SELECT 'all', ts FROM payments) AS x ${OVER}`
    const more = file('more.ndjson', `${paid(1000, 1, 'b')}\n${paid(2000, 1, 'b')}\n`)
    expect(await replay(twice, '--events', `payments=${PAYMENTS}`, '--events', `payments=${more}`)).toBe(0)
    expect(lines()).toHaveLength(10)
    expect(lines().map(({ features }) => features.n)).toEqual([1, 1, 2, 2, 2, 3, 2, 4, 1, 1])
  })

  test('beside other views, rows of one millisecond stand in the order of the command line', async () => {
    const alone = `SELECT card, COUNT(*) OVER w AS n FROM payments WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)`
    expect(await replay([alone, NET], ...EVENTS.slice(2), ...EVENTS.slice(0, 2), '--order', 'event_time')).toBe(0)
    const atThree = lines().filter(({ stream, offset }) => (stream === 'payments' ? offset === 1 : offset === 2))
    expect(atThree.map(({ view, stream }) => `${view} ${stream}`)).toEqual(['v1 refunds', 'v0 payments', 'v1 payments'])
  })

  test('a window of GROUP BY over a union names the union; a stream without a file holds nothing up', async () => {
    const daily = `SELECT card, SUM(amount) AS net FROM ${BOTH} GROUP BY card, TUMBLE(event_time, INTERVAL '10' SECOND)`
    expect(await replay(daily, ...EVENTS)).toBe(0)
    expect(lines().map(({ stream, window, features }) => [stream, window, features.net])).toEqual([
      ['events', { startMs: 0, endMs: 10_000 }, 6],
      ['events', { startMs: 20_000, endMs: 30_000 }, 1],
    ])
    expect(await replay(NET, ...EVENTS.slice(0, 2))).toBe(0)
    expect(places()).toEqual(['payments 0', 'payments 1', 'payments 2'])
  })

  test('DESIGN §5.7: checkpoints, a kill and parallelism change nothing', async () => {
    const start = 1_700_000_000_000
    const many = (event: (i: number) => string) => Array.from({ length: 4000 }, (_, i) => event(i)).join('\n')
    const payments = file(
      'many-payments.ndjson',
      many((i) => paid(start + i * 900 - (i % 9 === 4 ? 1500 : 0), i % 7, `c${(i * 31) % 97}`)),
    )
    const refunds = file(
      'many-refunds.ndjson',
      many((i) => back(start + i * 700, i % 5, `c${(i * 13) % 97}`)),
    )
    const of = (...more: string[]) => replay(NET, '--events', `payments=${payments}`, '--events', `refunds=${refunds}`, ...more)
    const byKey = () =>
      new Map(
        [
          ...Map.groupBy(
            lines().map((line) => JSON.stringify(line)),
            (line) => JSON.stringify(JSON.parse(line).key),
          ),
        ].sort(),
      )
    expect(await of()).toBe(0)
    const whole = readFileSync(out, 'utf8')
    const keys = byKey()
    expect(await of('--checkpoint-every', '500', '--crash-after', '3200')).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe(whole)
    expect(await of('--parallelism', '3', '--checkpoint-every', '700', '--crash-after', '5000')).toBe(0)
    expect(byKey()).toEqual(keys)
  })

  test('a mistake in a branch is said with its place', async () => {
    expect(await replay(NET.replace('cents > 0', 'cent > 0'), ...EVENTS)).toBe(1)
    expect(stderr).toMatch(/project.json: view v0: 2:\d+: there is no field `cent`/)
  })
})
