import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from './cli.ts'

const example = join(import.meta.dirname, 'example')
const scratch = mkdtempSync(join(tmpdir(), 'replay-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(scratch, name), content)
  return join(scratch, name)
}
const out = join(scratch, 'out.ndjson')
const lines = (path = out) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(
      (line) =>
        JSON.parse(line) as {
          view: string
          key: Record<string, unknown>
          offset: number
          stream: string
          eventTime: number
          features: Record<string, unknown>
        },
    )

let stderr = ''
beforeEach(() => {
  stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const replay = (...argv: string[]) => main([...argv, '--out', out])
const payProject = (sql: string, parameters: object = {}, views: object[] = []) =>
  file(
    'project.json',
    JSON.stringify({
      streams: [
        {
          name: 'pay',
          fields: [
            { name: 'card', type: 'string' },
            { name: 'ts', type: 'timestamp' },
          ],
          eventTime: 'ts',
        },
        {
          name: 'log',
          fields: [
            { name: 'card', type: 'string' },
            { name: 'at', type: 'timestamp' },
          ],
          eventTime: 'at',
        },
      ],
      views: [{ name: 'v', sql }, ...views],
      parameters,
    }),
  )
const countOf = (stream: string, hints = '') =>
  `SELECT ${hints} card, COUNT(*) OVER w AS n FROM ${stream} WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
const pay = (ts: number, card = 'a') => JSON.stringify({ card, ts })

describe('language 21: the reference example', () => {
  const args = [join(example, 'project.json'), '--events', `pay=${join(example, 'pay.ndjson')}`]
  const expected = readFileSync(join(example, 'expected.ndjson'), 'utf8')

  test.each([[[]], [['--order', 'event_time']], [['--order', 'arrival']], [['--checkpoint-every', '1']]])(
    'byte for byte: %j',
    async (more) => {
      expect(await replay(...args, ...more)).toBe(0)
      expect(readFileSync(out, 'utf8')).toBe(expected)
      expect(stderr).toContain('1 of 8 events refused (not_json 1)')
    },
  )

  test.each([
    [['--order', 'event_time', '--checkpoint-every', '2', '--crash-after', '5']],
    [['--order', 'arrival', '--checkpoint-every', '3', '--crash-after', '7']],
    [['--order', 'event_time', '--crash-after', '4']],
    [['--crash-after', '100', '--checkpoint-every', '2']],
  ])('killed and resumed, the output does not change: %j', async (more) => {
    expect(await replay(...args, ...more)).toBe(0)
    expect(readFileSync(out, 'utf8')).toBe(expected)
  })

  test('language 21: with --parallelism the same lines as a multiset, in order per key', async () => {
    expect(await replay(...args, '--parallelism', '7', '--order', 'event_time')).toBe(0)
    const sorted = (text: string) => text.split('\n').sort()
    expect(sorted(readFileSync(out, 'utf8'))).toEqual(sorted(expected))
    expect(
      lines()
        .filter(({ key }) => key.card === 'a')
        .map(({ offset }) => offset),
    ).toEqual([0, 2, 3, 5, 6])
  })

  test('language 21: parallelism 3, checkpoints and a kill in the middle of 25,000 events: the lines of the uninterrupted run, in order per key', async () => {
    const events = join(scratch, 'many.ndjson')
    const event = (i: number) => ({
      card: `c${(i * 31) % 97}`,
      amount: i % 7,
      shop: `s${i % 5}`,
      ts: 1_700_000_000_000 + i * 700 - (i % 11 === 3 ? 2000 : 0),
    })
    writeFileSync(events, Array.from({ length: 25_000 }, (_, i) => `${JSON.stringify(event(i))}\n`).join(''))
    const of = (more: string[]) =>
      replay(join(example, 'project.json'), '--events', `pay=${events}`, '--order', 'event_time', ...more, '--out', out)
    const byKey = () => Map.groupBy(readFileSync(out, 'utf8').trimEnd().split('\n'), (line) => JSON.stringify(JSON.parse(line).key))
    expect(await of([])).toBe(0)
    const whole = byKey()
    expect(await of(['--parallelism', '3', '--checkpoint-every', '5000', '--crash-after', '20000'])).toBe(0)
    expect(new Map([...byKey()].sort())).toEqual(new Map([...whole].sort()))
  })

  test('--report lists every refused event with its position', async () => {
    const report = join(scratch, 'report.json')
    expect(await replay(...args, '--report', report)).toBe(0)
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      lines: 8,
      outputLines: 7,
      refused: [{ view: 'card_pay', stream: 'pay', offset: 4, code: 'not_json', raw: 'this line is not JSON' }],
      views: [{ events: { read: 8, good: 7, refused: 1, late: 0 } }],
    })
  })
})

describe('language 18, 20: files', () => {
  test('a byte-order mark, CRLF, blank lines (counted in the offset) and a last line without newline', async () => {
    const events = file(
      'events.ndjson',
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`\n${pay(1)}\r\n\r\n  \n${pay(2)}\n\n${pay(3)}`)]),
    )
    expect(await replay(payProject(countOf('pay')), '--events', `pay=${events}`, '--report', join(scratch, 'r.json'))).toBe(0)
    expect(lines().map(({ offset, features }) => [offset, features.n])).toEqual([
      [1, 1],
      [4, 2],
      [6, 3],
    ])
    expect(JSON.parse(readFileSync(join(scratch, 'r.json'), 'utf8'))).toMatchObject({ lines: 7, blankLines: 4 })
  })

  test('an empty file gives no line', async () => {
    expect(await replay(payProject(countOf('pay')), '--events', `pay=${file('empty.ndjson', '')}`)).toBe(0)
    expect(lines()).toEqual([])
  })

  test('files are merged like queues: the head with the smallest event time, ties by the command line; each keeps its own order', async () => {
    const project = payProject(countOf('pay'), {}, [{ name: 'w', sql: countOf('log') }])
    const first = file('pay.ndjson', [pay(5), pay(1), 'garbage', pay(7)].join('\n'))
    const log = (at: number) => JSON.stringify({ card: 'a', at })
    const second = file('log.ndjson', [log(2), log(5), log(6), log(8)].join('\n'))
    expect(await replay(project, '--events', `pay=${first}`, `log=${second}`, '--order', 'arrival')).toBe(0)
    expect(lines().map(({ stream, offset }) => `${stream} ${offset}`)).toEqual([
      'log 0',
      'pay 0',
      'pay 1',
      'log 1',
      'log 2',
      'pay 3',
      'log 3',
    ])
    expect(await replay(project, '--events', `log=${second}`, '--events', `pay=${first}`, '--order', 'arrival')).toBe(0)
    expect(lines().map(({ stream, offset }) => `${stream} ${offset}`)).toEqual([
      'log 0',
      'log 1',
      'pay 0',
      'pay 1',
      'log 2',
      'pay 3',
      'log 3',
    ])
  })

  test('several views over one stream: each event gives a line of each, in the order of the project', async () => {
    const project = payProject(countOf('pay'), {}, [{ name: 'v2', sql: countOf('pay').replace('COUNT(*)', 'COUNT(ts)') }])
    const events = file('pay.ndjson', [pay(1), pay(2), pay(20_000)].join('\n'))
    for (const order of ['arrival', 'event_time']) {
      expect(await replay(project, '--events', `pay=${events}`, '--order', order)).toBe(0)
      expect(lines().map(({ view, offset }) => `${view} ${offset}`)).toEqual(['v 0', 'v2 0', 'v 1', 'v2 1', 'v 2', 'v2 2'])
    }
  })

  test('any events, checkpointed anywhere: a resumed run over several views writes the same bytes', async () => {
    const { runReplay } = await import('./run.ts')
    const { readProject } = await import('./project.ts')
    const project = await readProject(
      payProject(countOf('pay'), { outOfOrderness: '2 seconds', allowedLateness: '1 second' }, [
        { name: 'w', sql: countOf('log', "/*+ ORDER('event_time') */") },
      ]),
      undefined,
    )
    const line = fc.oneof(
      { weight: 9, arbitrary: fc.tuple(fc.constantFrom('a', 'b'), fc.nat(9000)) },
      { weight: 1, arbitrary: fc.constant(null) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 25 }),
        fc.array(line, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 60 }),
        async (left, right, checkpointEvery, crashAfter) => {
          const write = (name: string, time: string, of: typeof left) =>
            file(
              name,
              of.map((drawn, i) => (drawn ? JSON.stringify({ card: drawn[0], [time]: i * 500 + drawn[1] }) : i % 2 ? '' : '{')).join('\n'),
            )
          const events = [
            { stream: 'pay', file: write('a.ndjson', 'ts', left) },
            { stream: 'log', file: write('b.ndjson', 'at', right) },
          ]
          const base = {
            project: '',
            events,
            report: undefined,
            order: undefined,
            parallelism: undefined,
            checkpointEvery: undefined,
            crashAfter: undefined,
            state: undefined,
          }
          const whole = await runReplay(project, { ...base, out }, { afterLines: () => {} })
          const state = mkdtempSync(join(scratch, 'state-'))
          const resumedOut = join(scratch, 'resumed.ndjson')
          writeFileSync(resumedOut, '')
          const stop = new Error('killed')
          const args = { ...base, out: resumedOut, checkpointEvery, state }
          const first = await runReplay(
            project,
            { ...args, crashAfter },
            {
              afterLines: (count) => {
                if (count >= crashAfter) throw stop
              },
            },
          ).catch((error) => error)
          if (first !== stop) return
          const second = await runReplay(project, args, { afterLines: () => {} })
          expect(readFileSync(resumedOut, 'utf8')).toBe(readFileSync(out, 'utf8'))
          expect(second).toEqual(whole)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('language 23: what is wrong, and where', () => {
  const events = `pay=${join(example, 'pay.ndjson')}`

  test('definition problems: exit code 1 and project.json: view NAME: line:column: message', async () => {
    expect(await replay(payProject(countOf('pay').replace('COUNT(*)', 'SUM(amuont)')), '--events', events)).toBe(1)
    expect(stderr).toMatch(/^project\.json: view v: 1:\d+: .*amuont/m)
    expect(await replay(payProject('SELECT\n  nonsense('), '--events', events)).toBe(1)
    expect(stderr).toMatch(/^project\.json: view v: 2:\d+: /m)
  })

  test('above deadLetterRateLimit the run ends with exit code 2 and says so, with no stack trace', async () => {
    const bad = file('bad.ndjson', [...Array.from({ length: 50 }, (_, i) => pay(i)), ...Array.from({ length: 51 }, () => 'x')].join('\n'))
    expect(await replay(payProject(countOf('pay')), '--events', `pay=${bad}`)).toBe(2)
    expect(stderr).toMatch(/50 % of the last 101 events were refused, more than deadLetterRateLimit \(0\.5\)/)
    expect(stderr).not.toMatch(/ {4}at /)
    expect(await replay(payProject(countOf('pay'), { deadLetterRateLimit: 0.9 }), '--events', `pay=${bad}`)).toBe(0)
    expect(
      await replay(payProject(countOf('pay')), '--events', `pay=${file('few.ndjson', Array.from({ length: 99 }, () => 'x').join('\n'))}`),
    ).toBe(0)
  })

  test('language 22: parameters of the project are used; those that do not exist or do not fit are named', async () => {
    const late = file('late.ndjson', [pay(100_000), pay(1000)].join('\n'))
    expect(
      await replay(payProject(countOf('pay'), { outOfOrderness: '0 seconds', allowedLateness: '90 seconds' }), '--events', `pay=${late}`),
    ).toBe(0)
    expect(lines().length).toBe(1)
    expect(stderr).toContain('1 of 2 events too late')
    expect(
      await replay(payProject(countOf('pay'), { outOfOrderness: '0 seconds', allowedLateness: '99 seconds' }), '--events', `pay=${late}`),
    ).toBe(0)
    expect(lines().length).toBe(2)
    expect(await replay(payProject(countOf('pay'), { historyEventTime: '1970-01-01T00:00:50Z' }), '--events', `pay=${late}`)).toBe(0)
    expect(lines().map(({ offset }) => offset)).toEqual([0])
    expect(
      await replay(payProject(countOf('pay'), { outOfOrdernes: '1 second', allowedLateness: 'soon' }), '--events', `pay=${late}`),
    ).toBe(1)
    expect(stderr).toMatch(/there is no parameter outOfOrdernes/)
    expect(stderr).toMatch(/allowedLateness/)
  })

  test.each([
    [['nowhere.json', '--events', 'pay=x'], /nowhere\.json: cannot be read/],
    [['--events', 'pay=x'], /there is no project file/],
    [[join(example, 'project.json')], /--events is missing/],
    [[join(example, 'project.json'), '--events', 'pay'], /NAME=FILE|one file too many/],
    [[join(example, 'project.json'), '--events', 'other=x'], /no stream of this name \(it has pay\)/],
    [[join(example, 'project.json'), '--events', 'pay=/does/not/exist'], /cannot be read/],
    [[join(example, 'project.json'), '--events', events, '--order', 'random'], /--order is arrival or event_time/],
    [[join(example, 'project.json'), '--events', events, '--parallelism', '0'], /--parallelism is a whole number from 1 to 128/],
    [[join(example, 'project.json'), '--events', events, '--bogus'], /bogus/],
  ])('wrong use: %j', async (argv, message) => {
    expect(await replay(...argv)).toBe(1)
    expect(stderr).toMatch(message)
  })

  test('a project that is no project', async () => {
    for (const [content, message] of [
      ['{', /not JSON/],
      ['{"streams":[]}', /project\.json: streams/],
      ['[]', /project\.json/],
    ] as const) {
      expect(await replay(file('project.json', content), '--events', events)).toBe(1)
      expect(stderr).toMatch(message)
    }
  })
})

describe('language 6: a replay of a view with GROUP BY', () => {
  const hourly = (group: string) => `SELECT card, COUNT(*) AS n, window_end AS until FROM pay GROUP BY card, ${group}`
  const windowsOf = () =>
    (lines() as unknown as { key: { card: string }; window: { startMs: number; endMs: number }; features: { n: number } }[]).map(
      ({ key, window, features }) => `${key.card} ${window.startMs}–${window.endMs}: ${features.n}`,
    )

  test('writes the window in place of the offset, and closes every window at the end of the files', async () => {
    const events = file('pay.ndjson', [pay(-1000), pay(0), 'garbage', pay(9999, 'b'), pay(10_000), pay(30_000)].join('\n'))
    const project = payProject(hourly("TUMBLE(ts, INTERVAL '10' SECOND)"), { deadLetterRateLimit: 1 })
    for (const order of [[], ['--order', 'arrival'], ['--order', 'event_time']]) {
      expect(await replay(project, '--events', `pay=${events}`, ...order)).toBe(0)
      expect(windowsOf()).toEqual(['a -10000–0: 1', 'a 0–10000: 1', 'b 0–10000: 1', 'a 10000–20000: 1', 'a 30000–40000: 1'])
      expect(lines()[0]).toEqual({
        view: 'v',
        key: { card: 'a' },
        stream: 'pay',
        window: { startMs: -10_000, endMs: 0 },
        eventTime: -1000,
        features: { n: 1, until: 0 },
      })
    }
  })

  test('a late event within allowedLateness gives the window again; later ones are in the report', async () => {
    const events = file('pay.ndjson', [pay(1000), pay(12_000), pay(2000), pay(40_000), pay(3000)].join('\n'))
    const project = payProject(hourly("TUMBLE(ts, INTERVAL '10' SECOND)"), { outOfOrderness: '0 seconds', allowedLateness: '20 seconds' })
    const report = join(scratch, 'report.json')
    expect(await replay(project, '--events', `pay=${events}`, '--report', report)).toBe(0)
    expect(windowsOf()).toEqual(['a 0–10000: 1', 'a 0–10000: 2', 'a 10000–20000: 1', 'a 40000–50000: 1'])
    expect(readFileSync(report, 'utf8')).toContain('"late"')
  })

  test('parallelism, checkpoints and a crash change no line', { timeout: 60_000 }, async () => {
    const random = Array.from({ length: 400 }, (_, i) => pay(i * 700 + ((i * 7919) % 4000) + (i % 40 > 30 ? 9000 : 0), `c${(i * i) % 7}`))
    const events = file('pay.ndjson', random.join('\n'))
    for (const group of ["HOP(ts, INTERVAL '3' SECOND, INTERVAL '10' SECOND)", "SESSION(ts, INTERVAL '4' SECOND)"]) {
      const project = payProject(hourly(group), { outOfOrderness: '3 seconds', allowedLateness: '5 seconds' })
      expect(await replay(project, '--events', `pay=${events}`)).toBe(0)
      const expected = readFileSync(out, 'utf8')
      expect(expected.split('\n').length).toBeGreaterThan(50)
      expect(await replay(project, '--events', `pay=${events}`, '--checkpoint-every', '60', '--crash-after', '230')).toBe(0)
      expect(readFileSync(out, 'utf8')).toBe(expected)
      expect(
        await replay(project, '--events', `pay=${events}`, '--parallelism', '3', '--checkpoint-every', '50', '--crash-after', '333'),
      ).toBe(0)
      expect(readFileSync(out, 'utf8').split('\n').sort()).toEqual(expected.split('\n').sort())
    }
  })
})
