/** The console's verbs, a real engine and a real database together: from a stream to a served value, over kill -9 of the engine. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { describeDatabases } from '../db/testing/test-databases.ts'
import { freePort } from '../scripts/lib/ports.mjs'
import { restartJob } from './jobs/restart-job.ts'
import { takeSavepoint } from './jobs/take-savepoint.ts'
import { readJob } from './readers/jobs.ts'
import { readRelease } from './readers/releases.ts'
import { readSavepoint } from './readers/savepoints.ts'
import { readStream } from './readers/streams.ts'
import { startRelease } from './releases/start-release.ts'
import { contextFor, createRuntime, systemActor } from './runtime.ts'
import { createStream } from './streams/create-stream.ts'
import { saveView } from './views/save-view.ts'

const until = async <T>(look: () => Promise<T>, fits: (value: T) => boolean): Promise<T> => {
  for (;;) {
    const value = await look().catch(() => null)
    if (value !== null && fits(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
const sql = `SELECT card, COUNT(*) OVER w AS n, SUM(amount) OVER w AS total FROM payments
WINDOW w AS (PARTITION BY card ORDER BY at RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)`

await describeDatabases('console and engine', (databases) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-whole-'))
  let engine: ChildProcess | undefined
  afterAll(async () => {
    if (engine && engine.exitCode === null && engine.signalCode === null) {
      engine.kill('SIGTERM')
      await once(engine, 'exit')
    }
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('stream, events, view, release, value, savepoint; killed and back with the same values', { timeout: 300_000 }, async () => {
    const { url } = await databases.migrated()
    const env = {
      ...process.env,
      DATABASE_URL: url,
      EVENFLOW_DATA_DIR: dataDir,
      ENGINE_PORT: String(await freePort()),
      EVENFLOW_ENGINE_TOKEN: 'token-of-the-test',
      EVENFLOW_DEMO: 'off',
    }
    const startEngine = () => spawn(process.execPath, ['engine/main.ts'], { env, cwd: join(import.meta.dirname, '..'), stdio: 'ignore' })
    engine = startEngine()
    const runtime = await createRuntime(env)
    const ctx = contextFor(runtime, systemActor('test'))
    await until(
      () => ctx.engine.health(),
      () => true,
    )

    const fields = [
      { name: 'card', type: 'string' },
      { name: 'amount', type: 'double' },
      { name: 'at', type: 'timestamp' },
    ]
    await createStream.run(ctx, { name: 'payments', fields, eventTime: 'at' })
    const base = Date.now() - 1_000_000
    const send = async (from: number, count: number, more = '') => {
      const lines = Array.from({ length: count }, (_, i) =>
        JSON.stringify({ card: `c${(from + i) % 5}`, amount: from + i, at: base + (from + i) * 100 }),
      )
      const body = `${lines.join('\n')}\n${more}`
      const answer = await until(
        () => ctx.engine.forward('/streams/payments/events', { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson' } }),
        (one) => one.ok,
      )
      return answer.json() as Promise<{ accepted: number; rejected: { line: number; code: string }[] }>
    }
    expect(await send(0, 100, 'not json\n')).toMatchObject({ accepted: 100, rejected: [{ line: 101, code: 'not_json' }] })
    expect(
      await until(
        () => readStream(ctx, 'payments'),
        (one) => one.deadLetters === 1,
      ),
    ).toMatchObject({ stats: { events: 100 } })

    await saveView.run(ctx, { name: 'cards', sql })
    const { id } = await startRelease.run(ctx, { view: 'cards', version: 1, historyEventTime: base + 1_000 })
    const release = await until(
      () => readRelease(ctx, id),
      (one) => one.endedAt !== null,
    )
    expect(release).toMatchObject({ state: 'DONE', failure: null, gates: [{ name: 'lag', state: 'held' }] })
    expect(release.steps.every((step) => step.startedAtMs !== null)).toBe(true)
    const jobId = release.jobs.job2!

    // historyEventTime leaves out the first ten events: c1 has 11, 16, …
    const expected = (upTo: number) => {
      const amounts = Array.from({ length: upTo }, (_, i) => i).filter((i) => i >= 10 && i % 5 === 1)
      return { n: amounts.length, total: amounts.reduce((sum, amount) => sum + amount, 0) }
    }
    const read = async () => (await ctx.engine.features({ view: 'cards', keys: [{ card: 'c1' }] })).rows[0]!.features
    expect(await read()).toEqual(expected(100))

    const savepoint = await takeSavepoint.run(ctx, { jobId })
    expect(
      (
        await until(
          () => readSavepoint(ctx, savepoint.id),
          (one) => one.status !== 'IN_PROGRESS',
        )
      ).status,
    ).toBe('COMPLETED')

    await send(100, 50)
    await until(read, (one) => one.n === expected(150).n)
    engine.kill('SIGKILL')
    await once(engine, 'exit')
    await expect(ctx.engine.health()).rejects.toMatchObject({ code: 'engine_unreachable', message: expect.stringMatching(/since 20/) })
    engine = startEngine()
    expect(await until(read, (one) => one.n === expected(150).n)).toEqual(expected(150))

    await restartJob.run(ctx, { jobId, from: { savepointId: savepoint.id } })
    const job = await until(
      () => readJob(ctx, jobId),
      (one) => one.runs[0]?.restoredKind === 'savepoint' && one.observed === 'RUNNING',
    )
    expect(job.authoritative).toBe(true)
    expect(await until(read, (one) => one.n === expected(150).n)).toEqual(expected(150))
    await runtime.db.$disconnect()
  })
})
