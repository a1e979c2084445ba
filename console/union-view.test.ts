/** A view over several streams, from its check to its versions. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EvenflowError } from '../contract/errors.ts'
import type { ConsoleContext } from './context.ts'
import { readStream } from './readers/streams.ts'
import { readView } from './readers/views.ts'
import { createStream } from './streams/create-stream.ts'
import { describeDatabases } from '../db/testing/test-databases.ts'
import { healthy, startEngineDouble } from './testing/engine-double.ts'
import { contextOf, testRuntime } from './testing/test-runtime.ts'
import { checkView } from './views/check-view.ts'
import { saveView } from './views/save-view.ts'

const stream = (name: string) => ({
  name,
  eventTime: 'at',
  fields: [
    { name: 'card', type: 'string' as const },
    { name: 'amount', type: 'double' as const },
    { name: 'at', type: 'timestamp' as const },
  ],
})
const stats = (events: number) => ({
  body: { partitions: [], events, bytes: 0, eventsPerSecond: 1, minEventTimeMs: null, maxEventTimeMs: null },
})
const over = (...streams: string[]) =>
  `SELECT card, SUM(amount) OVER w AS net FROM (${streams.map((name) => `SELECT card, at AS event_time, amount FROM ${name}`).join(' UNION ALL ')}) AS money
   WINDOW w AS (PARTITION BY card ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`

await describeDatabases('a view over several streams', (databases) => {
  let engine: Awaited<ReturnType<typeof startEngineDouble>>
  let ctx: ConsoleContext
  beforeAll(async () => {
    engine = await startEngineDouble({
      'GET /healthz': healthy,
      'GET /streams/payments/stats': stats(5),
      'GET /streams/refunds/stats': stats(2),
    })
    ctx = contextOf(testRuntime(await databases.migrated(), engine.url), 'admin')
    for (const name of ['payments', 'refunds', 'fees']) await createStream.run(ctx, stream(name))
  })
  afterAll(() => engine.stop())

  it('is checked and costs what all of its streams have; its order is said', async () => {
    expect(await checkView.run(ctx, { sql: over('payments', 'refunds') })).toMatchObject({
      problems: [],
      definition: { stream: 'money', hints: { order: 'event_time' } },
      cost: { eventsToRead: 7, eventsPerSecond: 2 },
    })
    const { problems } = await checkView.run(ctx, {
      sql: over('payments', 'refunds').replace('amount FROM refunds', 'amuont FROM refunds'),
    })
    expect(problems).toMatchObject([{ code: 'unknown_field', line: 1 }])
  })

  it('each of its streams says that it is read; streams come and go beside the first, which stays', async () => {
    expect(await saveView.run(ctx, { name: 'net', sql: over('payments', 'refunds') })).toMatchObject({ version: 1, created: true })
    expect(await readView(ctx, 'net')).toMatchObject({
      stream: 'payments',
      definition: { union: [{ stream: 'payments' }, { stream: 'refunds' }] },
    })
    expect((await readStream(ctx, 'refunds')).views).toEqual(['net'])
    expect((await readStream(ctx, 'fees')).views).toEqual([])
    expect(await saveView.run(ctx, { name: 'net', sql: over('fees', 'payments') })).toMatchObject({ version: 2, created: true })
    expect((await readStream(ctx, 'refunds')).views).toEqual([])
    const error = await saveView.run(ctx, { name: 'net', sql: over('refunds', 'fees') }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(EvenflowError)
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'The view net reads the stream payments, and this definition reads refunds, fees.',
    })
  })
})
