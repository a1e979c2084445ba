import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ArchiveSource, JobArchive } from '../../contract/archive.ts'
import type { StreamSchema } from '../../definition/model.ts'
import type { Source } from '../source/port.ts'
import { ARCHIVES } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { writeArchive } from './archive.fixture.ts'
import { inspectArchive } from './inspect-archive.ts'
import { loadArchive, LoadStopped } from './load-archive.ts'

const T0 = Date.UTC(2025, 0, 1)
const stream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'price', type: 'decimal(9,2)', nullable: true },
    { name: 'seen', type: 'boolean', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
}
let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-archive-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const ROWS = [
  { card: 'b "x"', amount: 0.1, price: 1.25, seen: true, ts: T0 + 2000 },
  { card: '中', amount: null, price: null, seen: null, ts: T0 + 1000 },
  { card: 'a', amount: 7, price: 12.5, seen: false, ts: T0 + 2000 },
  { card: 'a', amount: 9, price: 3, seen: false, ts: T0 + 9000 },
]
const TYPED = `card, amount, price::DECIMAL(9,2) AS price, seen, make_timestamp(ts * 1000) AS "TS", 'not asked for' AS other`
const parquet: ArchiveSource = { kind: 'parquet', path: 'pay.parquet' }
const archiveOf = async (source: ArchiveSource, more: Partial<JobArchive> = {}): Promise<JobArchive> => ({
  source,
  number: 0,
  stamp: (await inspectArchive(dataDir, stream, { source })).stamp,
  maxEventTimeMs: T0 + 2000,
  fromMs: null,
  ...more,
})
const load = (archive: JobArchive, goOn: (rows: number, of: number) => boolean = () => true) =>
  loadArchive({ dataDir, view: 'v', stream, archive, now: () => T0, goOn })

async function eventsOf(source: Source): Promise<unknown[]> {
  source.open({ '0': 0 })
  const events: unknown[] = []
  for (let batches = source.poll(1000); batches.length > 0; batches = source.poll(1000))
    for (const { data, count, valueStart, valueEnd } of batches)
      for (let i = 0; i < count; i++) events.push(JSON.parse(Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString()))
  await source.close()
  return events
}
const UP_TO_CUT = [ROWS[1], ROWS[2], ROWS[0]].map((row) => ({ ...row, price: row!.price }))

test('rows up to the cut, by name, in the order of event time and then of their texts; as a file, a table and a query', async () => {
  await writeArchive(dataDir, 'pay.parquet', ROWS, TYPED)
  await writeArchive(dataDir, 'pay.duckdb', ROWS, TYPED)
  const sources: ArchiveSource[] = [
    parquet,
    { kind: 'duckdb', path: 'pay.duckdb', table: 'main.rows' },
    { kind: 'duckdb', path: 'pay.duckdb', query: 'SELECT * FROM rows WHERE true;' },
  ]
  for (const [number, source] of sources.entries()) {
    expect(await inspectArchive(dataDir, stream, { source })).toMatchObject({
      rows: 4,
      minEventTimeMs: T0 + 1000,
      maxEventTimeMs: T0 + 9000,
      cutAtMs: T0 + 9000,
    })
    expect(await inspectArchive(dataDir, stream, { source, maxEventTimeMs: T0 + 5000, fromMs: T0 + 1500 })).toMatchObject({
      rows: 2,
      minEventTimeMs: T0 + 2000,
      maxEventTimeMs: T0 + 2000,
      cutAtMs: T0 + 5000,
    })
    expect(await eventsOf(await load(await archiveOf(source, { number })))).toEqual(UP_TO_CUT)
  }
})

test('a load that was interrupted begins again, a complete one is never read anew, and a file that was changed since the check is refused', async () => {
  await writeArchive(dataDir, 'pay.parquet', ROWS, TYPED)
  const archive = await archiveOf(parquet)
  await expect(load(archive, () => false)).rejects.toThrow(LoadStopped)
  expect(await eventsOf(await load(archive))).toEqual(UP_TO_CUT)
  rmSync(join(dataDir, ARCHIVES, 'pay.parquet'))
  expect(await eventsOf(await load(archive))).toEqual(UP_TO_CUT)
  const { number, ...others } = archive
  expect(await eventsOf(await load({ number, ...others }))).toEqual(UP_TO_CUT)
  await writeArchive(dataDir, 'pay.parquet', ROWS.slice(0, 1), TYPED)
  await expect(load({ ...archive, number: 1 })).rejects.toThrow('is not the one that was checked')
})

test('a row without an event time is loaded, to be refused where all can see it; one that is not finite is NULL', async () => {
  const select = `card, CASE WHEN amount = 7 THEN 'nan'::DOUBLE ELSE amount END AS amount, CASE WHEN amount = 9 THEN NULL ELSE ts END AS ts`
  await writeArchive(dataDir, 'pay.parquet', ROWS, select)
  const found = await inspectArchive(dataDir, stream, { source: parquet })
  expect(found).toMatchObject({ rows: 4, absent: ['price', 'seen'] })
  expect(await eventsOf(await load(await archiveOf(parquet)))).toEqual([
    { card: 'a', amount: 9, ts: null },
    { card: '中', amount: null, ts: T0 + 1000 },
    { card: 'a', amount: null, ts: T0 + 2000 },
    { card: 'b "x"', amount: 0.1, ts: T0 + 2000 },
  ])
})

test('what does not fit is refused with the sentence', async () => {
  const refused = async (source: ArchiveSource, more = {}) => {
    const error = await inspectArchive(dataDir, stream, { source, ...more }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArchiveRefused)
    return (error as ArchiveRefused).refusal.why
  }
  const file = (path: string): ArchiveSource => ({ kind: 'parquet', path })
  const outside = join(dataDir, 'secret.parquet')
  await writeArchive(dataDir, 'pay.parquet', ROWS, TYPED)
  await writeArchive(dataDir, 'pay.duckdb', ROWS, TYPED)
  writeFileSync(outside, 'secret')
  symlinkSync(outside, join(dataDir, ARCHIVES, 'link.parquet'))
  mkdirSync(join(dataDir, ARCHIVES, 'folder'))
  for (const path of ['../secret.parquet', outside, 'link.parquet', 'x/../../secret.parquet', '.', ''])
    expect(await refused(file(path))).toMatchObject({ code: 'refused_archive_outside' })
  expect(await refused(file('no.parquet'))).toMatchObject({ code: 'refused_archive_missing' })
  writeFileSync(join(dataDir, ARCHIVES, 'text.parquet'), 'not one')
  for (const path of ['text.parquet', 'folder']) expect(await refused(file(path))).toMatchObject({ code: 'refused_archive_unreadable' })
  const database = (more: Partial<ArchiveSource>): ArchiveSource => ({ kind: 'duckdb', path: 'pay.duckdb', ...more })
  for (const source of [
    database({ table: 'nothing' }),
    database({ query: 'SELECT 1; SELECT 2' }),
    database({ query: 'DROP TABLE rows' }),
    database({ query: `SELECT * FROM read_text('${outside}')` }),
    database({ query: `SELECT * FROM read_parquet('${join(dataDir, ARCHIVES, 'pay.parquet')}')` }),
    { kind: 'duckdb', path: 'pay.parquet', table: 'rows' } as const,
  ])
    expect(await refused(source)).toMatchObject({ code: 'refused_archive_unreadable' })
  expect(await refused(parquet, { maxEventTimeMs: T0 })).toMatchObject({ code: 'refused_archive_empty' })

  await writeArchive(dataDir, 'short.parquet', ROWS, 'amount')
  expect(await refused(file('short.parquet'))).toMatchObject({ values: { fields: ['card', 'ts'] } })
  await writeArchive(dataDir, 'typed.parquet', ROWS, 'card, ts, amount::VARCHAR AS amount')
  expect(await refused(file('typed.parquet'))).toMatchObject({
    text: 'Column amount of the archive typed.parquet is VARCHAR, which is no double.',
  })
})
