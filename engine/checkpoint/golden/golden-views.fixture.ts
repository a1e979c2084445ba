/**
 * The views, events and expectations of the golden savepoints. Never change what is here for a format that is in git: add to it.
 * Each view is run over the first half of the events, put into a savepoint, and must go on from there.
 */
import type { CheckedView, StreamSchema } from '../../../definition/model.ts'
import { parseView } from '../../../definition/parse-sql.ts'
import { featureIds } from '../../../definition/feature-id.ts'
import { unionPartition } from '../../../definition/union-partitions.ts'
import { planView } from '../../plan/plan.ts'
import type { ResultRow } from '../../sink/port.ts'
import { KEY_GROUPS } from '../../state/hash.ts'
import { stateShape } from '../../task/pipeline.ts'
import { type TestEvent, TestRun } from '../../task/run-view.fixture.ts'
import type { SubtaskSnapshot } from '../coordinator.ts'
import { FORMAT_VERSION } from '../manifest.ts'
import { prepareDirectory, writeManifest, writeSnapshotFile } from '../snapshot-files.ts'
import type { SnapshotFs } from '../snapshot-fs.ts'

const stream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'items', type: 'int', nullable: true },
    { name: 'price', type: 'decimal(9,2)', nullable: true },
    { name: 'online', type: 'boolean', nullable: true },
    { name: 'shop', type: 'string', nullable: true },
  ],
}
const OVER = (name: string, start: string, end = 'CURRENT ROW') =>
  `${name} AS (PARTITION BY card ORDER BY ts RANGE BETWEEN ${start} AND ${end})`
const MINUTES = (n: number) => `INTERVAL '${n}' MINUTE PRECEDING`

type Order = 'arrival' | 'event_time'
export const GOLDEN: Record<string, { order: Order; sql: string }> = {
  plain: {
    order: 'event_time',
    sql: `SELECT card, COUNT(*) OVER life AS n, SUM(items) OVER life AS bought, SUM(price) OVER life AS spent, AVG(amount) OVER life AS mean,
      COUNT(DISTINCT shop) OVER life AS shops, MODE(shop) OVER life AS usual, STDDEV_POP(amount) OVER life AS spread, MAX(shop) OVER w AS last_shop,
      FIRST(amount) FILTER (WHERE online) OVER life AS first_online, LAG(amount, 2) OVER w AS before, MEDIAN(amount) OVER w AS middle, shop AS shop_now
      FROM pay WINDOW ${OVER('life', 'UNBOUNDED PRECEDING')}, ${OVER('w', MINUTES(5), MINUTES(1))}`,
  },
  compiled: {
    order: 'event_time',
    sql: `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, SUM(price) OVER w AS spent, MIN(items) OVER long AS least, MAX(amount) OVER long AS most,
      COUNT(DISTINCT shop) OVER long AS shops, COUNT_IF(online) OVER w AS web, LAST(shop) OVER w AS newest, FIRST(amount) FILTER (WHERE amount > 3) OVER w AS first_big, shop AS shop_now
      FROM pay WINDOW ${OVER('w', MINUTES(3))}, ${OVER('long', MINUTES(20))}`,
  },
  arrival: {
    order: 'arrival',
    sql: `SELECT card, COUNT(*) OVER w AS n, SUM(items) OVER w AS bought, MAX(price) OVER w AS most, LAST(shop) OVER w AS newest
      FROM pay WINDOW ${OVER('w', MINUTES(4), MINUTES(1))}`,
  },
  panes: {
    order: 'arrival',
    sql: `SELECT /*+ PRECISION(w, '1 minute') */ card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS total, MAX(items) OVER w AS most, BOOL_OR(online) OVER w AS any_online
      FROM pay WINDOW ${OVER('w', MINUTES(10))}`,
  },
  sketches: {
    order: 'arrival',
    sql: `SELECT card, APPROX_COUNT_DISTINCT(shop) OVER life AS shops, APPROX_QUANTILE(amount, 0.9) OVER life AS high, LIST(items) OVER w AS lately,
      MAX(amount, 3) OVER w AS top, HISTOGRAM(shop) OVER life AS by_shop FROM pay WINDOW ${OVER('life', 'UNBOUNDED PRECEDING')}, ${OVER('w', MINUTES(3))}`,
  },
  counted: {
    order: 'event_time',
    sql: `SELECT card, COUNT(*) OVER last AS n, SUM(items) OVER last AS bought, MAX(shop) OVER last AS most FROM pay
      WINDOW last AS (PARTITION BY card ORDER BY ts ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)`,
  },
  tumbling: {
    order: 'event_time',
    sql: "SELECT card, COUNT(*) AS n, SUM(amount) AS total, LAST(shop) AS newest FROM pay GROUP BY card, TUMBLE(ts, INTERVAL '2' MINUTE)",
  },
  session: {
    order: 'event_time',
    sql: "SELECT card, COUNT(*) AS n, MAX(price) AS most FROM pay GROUP BY card, SESSION(ts, INTERVAL '1' MINUTE)",
  },
  union: {
    order: 'event_time',
    sql: `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS net, LAST(shop) OVER w AS newest
      FROM (SELECT card, ts AS event_time, amount, shop FROM pay UNION ALL SELECT card, ts, -amount, 'back' FROM pay WHERE items > 8) AS money
      WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN ${MINUTES(3)} AND CURRENT ROW)`,
  },
}

const START_MS = Date.UTC(2025, 2, 1)
/** Ties, NULLs, late ones, long keys and texts beyond ASCII among them. */
export const events: readonly TestEvent[] = Array.from({ length: 240 }, (_, i) => ({
  value: {
    card: i % 9 === 8 ? `a card whose number is longer than what a record holds: ${i % 4}` : `c${(i * i) % 11}`,
    ts: START_MS + Math.floor(i / 2) * 7000 - (i % 13 === 5 ? 9000 : 0),
    amount: i % 7 === 0 ? null : (i % 40) / 8,
    items: i % 5 === 0 ? null : i % 17,
    price: i % 6 === 0 ? null : (i % 100) / 4,
    online: i % 4 === 0 ? null : i % 3 === 0,
    shop: i % 10 === 0 ? null : ['s', 'lädchen', '商店', "it's"][i % 4]!,
  },
}))
export const HALF = 120

async function viewOf(name: string): Promise<CheckedView> {
  const { checked, problems } = await parseView(GOLDEN[name]!.sql, [stream])
  if (!checked) throw new Error(`${name}: ${JSON.stringify(problems)}`)
  return checked
}

/** One, or one for each branch that reads the stream. */
const partitionsOf = (name: string): number[] => (name === 'union' ? [unionPartition(0, 0), unionPartition(1, 0)] : [0])

/** Those of the events in each partition, in step. */
export const eventsOf = (name: string, from: number, to?: number): TestEvent[] =>
  events.slice(from, to).flatMap(({ value }) => partitionsOf(name).map((partition) => ({ partition, value })))

export async function goldenRun(name: string, parallelism = 1, acknowledge?: (snapshot: SubtaskSnapshot) => void): Promise<TestRun> {
  const { definition, stream: source } = await viewOf(name)
  return new TestRun({
    definition,
    stream: source,
    partitions: partitionsOf(name),
    order: GOLDEN[name]!.order,
    road: 'planned',
    parallelism,
    outOfOrdernessMs: 10_000,
    allowedLatenessMs: 60_000,
    acknowledge: (_barrier, snapshot) => acknowledge?.(snapshot),
  })
}

export async function wantedOf(name: string) {
  const { definition, stream: source } = await viewOf(name)
  return { view: name, stateShape: stateShape(planView(definition, source), GOLDEN[name]!.order) }
}

/** What comes of the other half of the events: rows by key, and the online store in the end. */
export async function finish(run: TestRun, name: string) {
  const firstRow = run.history.rows.length
  await run.feed(eventsOf(name, HALF))
  await run.end()
  const nowMs = run.pipeline.maxAppliedMs()
  while (!run.pipeline.decay(nowMs)) await run.pipeline.drain()
  await run.pipeline.drain()
  const row = ({ key, offset, version, values }: ResultRow) => ({ key, offset, version, values })
  const byKey = (a: ResultRow, b: ResultRow) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) // sorting is stable
  return {
    rows: run.history.rows.slice(firstRow).sort(byKey).map(row),
    online: [...run.online.byKey.values()].sort(byKey).map(row),
  }
}

/** A savepoint of the view after the first half of the events, as this build writes it. */
export async function writeGolden(fs: SnapshotFs, directory: string, name: string): Promise<void> {
  const parts: SubtaskSnapshot[] = []
  const run = await goldenRun(name, 2, (snapshot) => parts.push(snapshot))
  run.open()
  for (const event of eventsOf(name, 0, HALF)) await run.feed([event])
  run.pipeline.inject({ id: 1, triggeredAtMs: 0 })
  await run.pipeline.drain()
  await prepareDirectory(fs, directory)
  const files = []
  for (const { files: own } of parts) for (const file of own) files.push(await writeSnapshotFile(fs, directory, file))
  const { definition } = await viewOf(name)
  const ids = featureIds(definition)
  const { watermarks } = run.source
  await writeManifest(
    fs,
    directory,
    {
      format: FORMAT_VERSION,
      kind: 'savepoint',
      ...(await wantedOf(name)),
      viewVersion: 1,
      jobId: 1,
      run: 1,
      number: 1,
      createdAtMs: START_MS,
      features: definition.features.map((feature, i) => ({ name: feature.name, id: ids[i]! })),
      keyGroups: KEY_GROUPS,
      parallelism: 2,
      positions: run.source.positions(),
      watermarkMs: watermarks.watermarkMs,
      maxEventTimeMs: watermarks.maxEventTimeMs(),
      extra: {},
    },
    files,
  )
}
