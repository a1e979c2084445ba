import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamStats } from '../../../contract/engine-api.ts'
import { ReleaseCheck } from '../../../contract/release-check.ts'
import type { Db } from '../../../db/client.ts'
import { resolveParameters } from '../../../definition/parameters.ts'
import { writeArchive } from '../../archive/archive.fixture.ts'
import { FLIGHTS } from '../../demo/demo-rows.ts'
import { addStream, addVersion, askForRelease, openTestDatabase } from '../../engine-process.fixture.ts'
import { ensureForwardStream } from '../forward-stream.ts'
import { type AskedRelease, checkRelease } from './check-release.ts'
import { rateWhileReading } from './reading-rate.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2001, 0, 10)
const WINDOWS = `WINDOW h AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW),
  m AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW),
  d AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW),
  ever AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`
const select = (features: string, where = '') => `SELECT origin, ${features} FROM flights ${where} ${WINDOWS}`
const FIRST = 'COUNT(*) OVER h AS n, SUM(delay) OVER h AS total'

let dataDir: string
let db: Db
let viewId: string
let streamId: string
let stats: StreamStats
let settings: Record<string, unknown>
let metrics: { keys: number; stateBytes: number } | null
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-check-'))
  db = await openTestDatabase(dataDir)
  streamId = await addStream(db, FLIGHTS)
  viewId = (await save(FIRST)).viewId
  stats = {
    partitions: [{ partition: 0, start: 0, end: 10_000, bytes: 1, newestTimestampMs: null }],
    events: 10_000,
    bytes: 1,
    eventsPerSecond: 0,
    minEventTimeMs: NOW_MS - 100 * HOUR_MS,
    maxEventTimeMs: NOW_MS,
  }
  settings = {}
  metrics = null
})
afterEach(async () => {
  await db.$disconnect()
  rmSync(dataDir, { recursive: true, force: true })
})

const save = (features: string, where = '') => addVersion(db, 'v', streamId, FLIGHTS, select(features, where))
const check = async (version: number, more: Partial<AskedRelease> = {}) => {
  const answer = await checkRelease(
    { view: 'v', version, ...more },
    {
      db,
      dataDir,
      now: () => NOW_MS,
      parameters: (_view, hints) => resolveParameters({ view: settings, hints }),
      running: () => (metrics ? ({ metrics } as never) : null),
      streamStats: async () => stats,
      readsOf: async () => 7,
    },
  )
  return ReleaseCheck.strict().parse(answer)
}
/** Job of version 1, authoritative. */
async function runs(startFrom = {}): Promise<number> {
  const job = await db.job.create({ data: { viewId, version: 1, startFrom, observed: 'RUNNING' } })
  await db.authority.create({ data: { viewId, jobId: job.id, epoch: 1, version: 1 } })
  metrics = { keys: 10, stateBytes: 1_000_000 }
  return job.id
}
const fates = ({ features }: ReleaseCheck) => features.map(({ name, fate, why }) => [name, fate, why.code])
const refused = ({ refusals }: ReleaseCheck) => refusals.map(({ why }) => why.code)

test('a first release: everything is computed from the log, and what nobody has measured is not known', async () => {
  const answer = await check(1)
  expect(answer).toMatchObject({
    kind: 'new_job',
    fromVersion: null,
    readsAgain: null,
    canProceed: true,
    refusals: [],
    warnings: [],
    other: [],
  })
  expect(fates(answer)).toEqual([
    ['n', 'built', 'read_first'],
    ['total', 'built', 'read_first'],
  ])
  expect(answer.tables).toMatchObject([{ kind: 'rows', fate: 'new', reachMs: 24 * HOUR_MS, columns: [{ expr: 'delay', reused: false }] }])
  expect(answer.reading).toEqual({
    from: 'log',
    historyEventTimeMs: null,
    events: 10_000,
    eventsPerSecond: null,
    measuredBy: null,
    tookMs: null,
  })
  expect(answer.memory).toMatchObject({ isLeast: true, limitBytes: 2 * 1024 ** 3, basis: { code: 'memory_of_log' } })
  expect(answer.consumers.map(({ code }) => code)).toEqual(['consumer_reads', 'consumer_online', 'consumer_history'])
})

test('a changed version: each feature kept, built, changed or dropped, the columns that are there and those that are not', async () => {
  await runs()
  await save('COUNT(*) OVER h AS flights, SUM(delay) OVER m AS soon, MAX(distance) OVER h AS far, SUM(delay) OVER ever AS ever')
  expect(await check(2)).toMatchObject({
    canProceed: false,
    refusals: [{ why: { code: 'refused_dropped', values: { features: ['total'] } } }],
  })
  const answer = await check(2, { allowDroppedState: true })
  expect(answer).toMatchObject({ kind: 'new_features', fromVersion: 1, readsAgain: null, droppedColumns: 0, canProceed: true })
  expect(fates(answer)).toEqual([
    ['flights', 'kept', 'kept_renamed'],
    ['soon', 'built', 'built_state_there'],
    ['far', 'built', 'built_from_log'],
    ['ever', 'built', 'built_from_log'],
    ['total', 'dropped', 'dropped_absent'],
  ])
  expect(answer.tables).toMatchObject([
    {
      kind: 'rows',
      fate: 'extended',
      reachesFurther: false,
      columns: [
        { expr: 'delay', readers: ['soon', 'ever'], reused: true },
        { expr: 'distance', readers: ['far'], reused: false },
      ],
    },
    { kind: 'lifetime', fate: 'new', columns: [{ readers: ['ever'], reused: false }] },
  ])
  expect(answer.reading).toMatchObject({ from: 'backfill', events: 10_000 })
  expect(answer.consumers.find(({ code }) => code === 'consumer_gone')?.values).toEqual({ features: ['n', 'total'] })
  expect(answer.memory).toMatchObject({ isLeast: false, basis: { code: 'memory_of_job' } })
  expect(answer.memory.estimateBytes).toBeGreaterThan(1_000_000)
})

test('a change of meaning, and a change of WHERE: nothing of the state goes on, and the check says why', async () => {
  await runs()
  await save('COUNT(*) OVER h AS n, SUM(distance) OVER h AS total')
  expect(fates(await check(2))).toEqual([
    ['n', 'kept', 'kept_same'],
    ['total', 'changed', 'changed_meaning'],
  ])
  await save(FIRST, 'WHERE delay > 0')
  const answer = await check(3)
  expect(answer).toMatchObject({ kind: 'change', readsAgain: { code: 'again_events' }, other: [{ what: 'where' }] })
  expect(answer.tables.map(({ fate }) => fate)).toEqual(['new'])
  expect(answer.features.every(({ fate }) => fate === 'changed')).toBe(true)
  const again = await check(1, { historyEventTimeMs: 0 })
  expect(again).toMatchObject({ kind: 'change', readsAgain: { code: 'again_history' }, reading: { from: 'log', historyEventTimeMs: 0 } })
  expect(fates(again).map(([, fate]) => fate)).toEqual(['built', 'built'])
})

test('the running version once more: all of it goes on, nothing is read, and it takes what it takes now', async () => {
  const job = await runs()
  const answer = await check(1)
  expect(answer).toMatchObject({
    kind: 'rescale',
    reading: { from: 'savepoint', events: 0, tookMs: 0 },
    memory: { estimateBytes: 1_000_000, basis: { values: { job, keys: 10 } } },
  })
  expect(answer.tables.map(({ fate }) => fate)).toEqual(['reused'])
  await db.job.update({ where: { id: job }, data: { observed: 'FAILED' } })
  expect(await check(1)).toMatchObject({ kind: 'change', readsAgain: { text: `job ${job} does not run and cannot give its state` } })
})

test('the rate is what an earlier release was measured at', async () => {
  const earlier = await askForRelease(db, viewId, 1)
  await db.release.update({ where: { id: earlier }, data: { state: 'DONE' } })
  for (const [positionRead, eventsPerSecond] of [
    [1000, 2000],
    [3000, 2500],
    [99_000, 2000],
    [100_000, 3],
  ] as const) {
    const payload = { positionRead, positionEnd: 100_000, eventsPerSecond }
    await db.releaseFact.create({ data: { releaseId: earlier, generation: 1, at: new Date(), kind: 'progress', payload } })
  }
  expect((await check(1)).reading).toMatchObject({ eventsPerSecond: 2500, measuredBy: earlier, tookMs: 4000 })
  expect(rateWhileReading([{ positionRead: 10, positionEnd: 10, eventsPerSecond: 1 }])).toBeNull()
  const rescaled = { positionRead: 1_600_000, positionEnd: 1_600_200, eventsPerSecond: 85 }
  expect(rateWhileReading([rescaled]), 'a job that starts at the end reads what comes in, no faster').toBeNull()
})

test('refused: a history before the log, one in the future, a state above memoryLimit, a release ahead where none is waited for', async () => {
  stats = { ...stats, partitions: [{ ...stats.partitions[0]!, start: 5 }] }
  const short = await check(1, { historyEventTimeMs: NOW_MS - 101 * HOUR_MS })
  expect([refused(short), short.canProceed]).toEqual([['refused_log_short'], false])
  expect(short.refusals[0]!.why.text).toContain('the log begins at 2001-01-05T20:00:00.000Z')
  expect(refused(await check(1, { historyEventTimeMs: NOW_MS - 100 * HOUR_MS }))).toEqual([])
  expect(refused(await check(1, { historyEventTimeMs: NOW_MS + 1 }))).toEqual(['refused_future'])
  settings = { memoryLimit: 16 * 1024 ** 2 }
  stats = { ...stats, events: 2_000_000 }
  expect((await check(1)).refusals).toMatchObject([{ why: { code: 'refused_memory', text: expect.stringContaining('16 MiB') } }])
  settings = {}
  const ahead = await askForRelease(db, viewId, 1)
  expect(refused(await check(1, { ifBusy: 'refuse' }))).toEqual(['refused_busy'])
  expect((await check(1)).warnings).toMatchObject([{ code: 'warn_waits', values: { release: ahead } }])
  expect(refused(await check(1, { ifBusy: 'refuse', releaseId: ahead }))).toEqual([])
})

test('said, not refused: windows and aggregates over all time that the log no longer fills', async () => {
  stats = { ...stats, partitions: [{ ...stats.partitions[0]!, start: 5 }], minEventTimeMs: NOW_MS - 2 * HOUR_MS }
  await runs()
  await save(`${FIRST}, SUM(delay) OVER d AS day, MAX(delay) OVER ever AS worst`)
  const answer = await check(2)
  expect(answer.warnings.map(({ code }) => code)).toEqual(['warn_log_short', 'warn_log_short_for_all_time'])
  expect(answer).toMatchObject({ canProceed: true })
})

test('an archive: what is in it, what it leaves out, and why it is refused; with one the whole stream is read', async () => {
  await runs()
  stats = { ...stats, partitions: [{ ...stats.partitions[0]!, start: 900 }] }
  const logFromMs = stats.minEventTimeMs!
  const rows = [1, 2, 3].map((hours) => ({
    event_time: logFromMs - hours * HOUR_MS,
    origin: 'ORD',
    destination: 'JFK',
    delay: 1,
    distance: 2,
  }))
  await writeArchive(dataDir, 'flights.parquet', rows)
  const source = { kind: 'parquet', path: 'flights.parquet' } as const
  const codes = ({ warnings }: ReleaseCheck) => warnings.map(({ code }) => code)
  const whole = await check(1, { archive: { source }, historyEventTimeMs: logFromMs - 2 * HOUR_MS })
  expect(whole).toMatchObject({ kind: 'change', readsAgain: { code: 'again_history' }, refusals: [] })
  expect(whole.archive).toMatchObject({ rows: 2, cutAtMs: logFromMs - HOUR_MS, absent: [] })
  expect(codes(whole)).toEqual(['warn_archive_gap'])
  const overlapping = await check(1, { archive: { source, maxEventTimeMs: logFromMs } })
  expect(overlapping).toMatchObject({ archive: { rows: 3 }, readsAgain: { code: 'again_archive' } })
  expect(codes(overlapping)).toEqual(['warn_archive_overlap'])
  expect(refused(await check(1, { archive: { source, maxEventTimeMs: NOW_MS + 1 } }))).toEqual(['refused_archive_future'])
  const missing = await check(1, { archive: { source: { ...source, path: 'no.parquet' } } })
  expect([missing.archive, refused(missing)]).toEqual([null, ['refused_archive_missing']])
})

test('rows are forwarded to a stream of the view alone, whose fields keep their types, or to a webhook that is allowed', async () => {
  const codes = async (forward: string, version = 1) => {
    settings = { forward }
    const { refusals, consumers } = await check(version)
    expect(consumers.map(({ code }) => code)).toContain('consumer_forward')
    return refusals.map(({ why }) => why.code)
  }
  expect(await codes('v_features')).toEqual([])
  expect(await codes('flights')).toEqual(['refused_forward_taken'])
  expect(await codes('http://127.0.0.1:9/rows')).toEqual([])
  expect(await codes('https://example.com/rows')).toEqual(['refused_forward_host'])
  const { definition } = (await save('COUNT(*) OVER h AS n, AVG(delay) OVER h AS total')).checked
  for (let time = 0; time < 2; time++)
    await ensureForwardStream(db, { view: 'v', target: 'v_features', definition, stream: FLIGHTS }, () => NOW_MS)
  expect(await codes('v_features', 2)).toEqual([])
  expect(await codes('v_features', 1)).toEqual(['refused_forward_clash'])
  await save('COUNT(*) OVER h AS _n')
  expect(await codes('another', 3)).toEqual(['refused_forward_reserved'])
})

test('there is no check of what is not there', async () => {
  await expect(check(9)).rejects.toMatchObject({ code: 'not_found' })
  await expect(check(1, { view: 'no' })).rejects.toMatchObject({ code: 'not_found' })
})

test('a savepoint to begin with is held against the version, the log and its files', async () => {
  const jobId = await runs()
  await save('COUNT(*) OVER h AS n')
  stats = { ...stats, partitions: [{ ...stats.partitions[0]!, start: 100 }] }
  const savepoint = async (data: object) => {
    const row = { jobId, viewId, version: 1, name: 's', status: 'COMPLETED', path: join(dataDir, 'nothing'), positions: { 0: 500 } }
    return (await db.savepoint.create({ data: { ...row, createdBy: 'test', ...data } })).id
  }
  const why = async (data: object, more: Partial<AskedRelease> = {}, version = 1) =>
    refused(await check(version, { savepointId: await savepoint(data), ...more }))
  expect(refused(await check(1, { savepointId: 77 }))).toEqual(['refused_savepoint_missing'])
  expect(await why({ viewId: 'another' })).toEqual(['refused_savepoint_missing'])
  expect(await why({ status: 'DISPOSED' })).toEqual(['refused_savepoint_gone'])
  expect(await why({ status: 'FAILED' })).toEqual(['refused_savepoint_gone'])
  expect(await why({}, { allowDroppedState: true }, 2)).toEqual(['refused_savepoint_version'])
  expect(await why({ positions: { 0: 99 } })).toEqual(['refused_savepoint_log'])
  expect(await why({})).toEqual(['refused_savepoint_corrupt']) // there are no files
  expect(await why({}, { historyEventTimeMs: NOW_MS })).toEqual(['refused_savepoint_history', 'refused_savepoint_corrupt'])
  const answer = await check(1, { savepointId: await savepoint({}) })
  expect(answer).toMatchObject({ kind: 'change', readsAgain: null })
  expect(fates(answer).map(([, fate, code]) => [fate, code])).toEqual([
    ['kept', 'kept_savepoint'],
    ['kept', 'kept_savepoint'],
  ])
})

test('said, not refused: several streams taken as they arrive, whose order is chance; what is read is of all of them', async () => {
  const more = { ...FLIGHTS, name: 'diversions' }
  await addStream(db, more)
  const union = '(SELECT origin, event_time, delay FROM flights UNION ALL SELECT origin, event_time, 0 FROM diversions) AS all_of_them'
  const saved = async (hint: string) => {
    const sql = `SELECT ${hint} origin, ${FIRST} FROM ${union} ${WINDOWS.split(',')[0]}`
    return (await addVersion(db, 'v', streamId, [FLIGHTS, more], sql)).version
  }
  const arrival = await check(await saved("/*+ ORDER('arrival') */"))
  expect(arrival.warnings.map(({ code }) => code)).toEqual(['warn_chance_order'])
  expect(arrival.reading.events).toBe(20_000)
  expect((await check(await saved(''))).warnings).toEqual([])
})
