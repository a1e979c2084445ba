import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamSchema } from '../../definition/model.ts'
import { openStreamLogs, partitionOfValue, type StreamLogs } from '../source/stream-logs.ts'
import { ingest, type RefusedEvent } from './ingest.ts'
import { streamEvents } from './stream-events.ts'

const schema: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'n', type: 'int', nullable: true },
    { name: 'price', type: 'decimal(10,2)', nullable: true },
    { name: 'ok', type: 'boolean', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
}
const nowMs = Date.UTC(2025, 0, 1)
let dataDir: string
let logs: StreamLogs
let refused: RefusedEvent[]
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'evenflow-ingest-'))
  logs = openStreamLogs({ dataDir, now: () => nowMs, onAppended: () => undefined })
  refused = []
})
afterEach(async () => {
  await logs.close()
  rmSync(dataDir, { recursive: true, force: true })
})
const send = (body: string | Buffer, partitions = 1, partitionBy: string | null = null) =>
  ingest(
    Buffer.from(body),
    { id: 's', schema, partitions, partitionBy, fedBy: null },
    { logs, nowMs, futureSkewMs: 1000, keepRefused: async (items) => void refused.push(...items) },
  )

test('every kind of bad line is named with its number, code and sentence; the rest is taken', async () => {
  const good = `{"card":"a","n":1,"ts":${nowMs}}`
  const bad: [string, string][] = [
    ['nonsense', 'not_json'],
    ['[1]', 'not_an_object'],
    [`{"ts":${nowMs}}`, 'missing_field'],
    [`{"card":null,"ts":${nowMs}}`, 'missing_field'],
    ['{"card":"a"}', 'missing_field'],
    [`{"card":"a","n":"5","ts":${nowMs}}`, 'wrong_type'],
    [`{"card":5,"ts":${nowMs}}`, 'wrong_type'],
    [`{"card":"a","n":1.5,"ts":${nowMs}}`, 'wrong_type'],
    [`{"card":"a","n":9007199254740993,"ts":${nowMs}}`, 'number_out_of_range'],
    [`{"card":"a","ok":"yes","ts":${nowMs}}`, 'wrong_type'],
    ['{"card":"a","ts":"2025-01-01 00:00"}', 'bad_timestamp'],
    ['{"card":"a","ts":-9e12}', 'event_time_out_of_range'],
    [`{"card":"a","ts":${nowMs + 1001}}`, 'event_time_in_future'],
    [`{"card":"${'x'.repeat(1024 * 1024)}","ts":${nowMs}}`, 'too_large'],
  ]
  const lines = [good, ...bad.map(([line]) => line), `{"card":"b","price":"1.25","ts":"2024-12-31T23:00:00Z"}`]
  const answer = await send(lines.join('\n'))
  expect(answer.accepted).toBe(2)
  expect(answer.rejected.map(({ line, code }) => [line, code])).toEqual(bad.map(([, code], i) => [i + 2, code]))
  for (const { message } of answer.rejected) expect(message.length).toBeGreaterThan(10)
  expect(refused.map(({ code }) => code)).toEqual(bad.map(([, code]) => code))
  expect(Math.max(...refused.map(({ raw }) => raw.length))).toBe(4096)
  const stored = await streamEvents(
    dataDir,
    { id: 's', schema, partitions: 1, partitionBy: null, fedBy: null },
    { partition: 0, offset: 0, limit: 10 },
  )
  expect(stored.items.map((item) => item.value)).toEqual([good, lines.at(-1)])
})

test('futureSkew and a JSON array: what is taken follows the parameter and keeps its bytes', async () => {
  const body = ` [ {"card":"a","ts":${nowMs + 999}} , {"card":"ü \\" ]","ts":${nowMs}}, 7 ]`
  expect(await send(body)).toMatchObject({ accepted: 2, rejected: [{ line: 3, code: 'not_an_object' }] })
})

test('a body that is no events at all is refused whole: nothing is taken, nothing kept', async () => {
  await expect(send(`{"card":"a","ts":${nowMs}}\n${'x\n'.repeat(10_001)}`)).rejects.toThrow(/line 10002: .* Nothing was taken/)
  expect(refused).toEqual([])
  expect(logs.log({ name: 'pay', partitions: 1 }).stats()[0]?.end).toBe(0)
})

test('a partitioned stream sends all events of a value to one partition', async () => {
  const cards = Array.from({ length: 200 }, (_, i) => `c${i % 17}`)
  await send(cards.map((card) => `{"card":"${card}","ts":${nowMs}}`).join('\n'), 3, 'card')
  const seen = new Map<string, number>()
  let total = 0
  for (let partition = 0; partition < 3; partition++) {
    const { items } = await streamEvents(
      dataDir,
      { id: 's', schema, partitions: 3, partitionBy: 'card', fedBy: null },
      { partition, offset: 0, limit: 1000 },
    )
    total += items.length
    for (const { value } of items) {
      const { card } = JSON.parse(value) as { card: string }
      expect(seen.get(card) ?? partition).toBe(partition)
      expect(partitionOfValue(card, 3)).toBe(partition)
      seen.set(card, partition)
    }
  }
  expect(total).toBe(200)
  expect(new Set(seen.values()).size).toBe(3)
})
