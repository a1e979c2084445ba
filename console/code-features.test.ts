/** A feature in TypeScript from its file to a served value: check, save, release, read; a throw, an endless loop, an edited file. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JobMetrics } from '../contract/job-ipc.ts'
import { describeDatabases } from '../db/testing/test-databases.ts'
import { freePort } from '../scripts/lib/ports.mjs'
import type { ConsoleContext } from './context.ts'
import { restartJob } from './jobs/restart-job.ts'
import { listCodeFeatures } from './readers/code-features.ts'
import { readJob } from './readers/jobs.ts'
import { readRelease } from './readers/releases.ts'
import { listDeadLetters } from './readers/streams.ts'
import { readVersion } from './readers/views.ts'
import { startRelease } from './releases/start-release.ts'
import { contextFor, createRuntime, type Runtime, systemActor } from './runtime.ts'
import { createStream } from './streams/create-stream.ts'
import { checkView } from './views/check-view.ts'
import { previewView } from './views/preview-view.ts'
import { saveView } from './views/save-view.ts'

const until = async <T>(look: () => Promise<T>, fits: (value: T) => boolean): Promise<T> => {
  for (;;) {
    const value = await look().catch(() => null)
    if (value !== null && fits(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Counts payments in a row that are above a limit; cannot bear 13, and never comes back from 666. */
const streak = (step: number) => `
import { defineFeature, valueState } from './evenflow.ts'
export default defineFeature({
  name: 'streak',
  doc: 'Payments in a row above the limit.',
  input: { amount: 'int' },
  output: 'int',
  parameters: { above: { type: 'int', default: 10 } },
  state: { run: valueState(0) },
  onEvent({ amount }, { state, parameters }) {
    if (amount === 13) throw new Error('thirteen')
    while (amount === 666) {}
    state.run.set(amount > parameters.above ? state.run.get() + ${step} : 0)
    return state.run.get()
  },
})
`

await describeDatabases('a feature in TypeScript', (databases) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-code-'))
  const features = join(dataDir, 'my-features')
  const file = join(features, 'streak.ts')
  let engine: ChildProcess | undefined
  let runtime: Runtime
  let ctx: ConsoleContext
  beforeAll(async () => {
    mkdirSync(features)
    const env = {
      ...process.env,
      DATABASE_URL: (await databases.migrated()).url,
      EVENFLOW_DATA_DIR: join(dataDir, 'data'),
      EVENFLOW_FEATURES_DIR: features,
      ENGINE_PORT: String(await freePort()),
      EVENFLOW_ENGINE_TOKEN: 'token-of-the-test',
      EVENFLOW_DEMO: 'off',
    }
    engine = spawn(process.execPath, ['engine/main.ts'], { env, cwd: join(import.meta.dirname, '..'), stdio: 'ignore' })
    runtime = await createRuntime(env)
    ctx = contextFor(runtime, systemActor('test'))
    await until(
      () => ctx.engine.health(),
      () => true,
    )
  })
  afterAll(async () => {
    if (engine && engine.exitCode === null && engine.signalCode === null) {
      engine.kill('SIGTERM')
      await once(engine, 'exit')
    }
    await runtime.db.$disconnect()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const sql = 'SELECT card, streak(amount, above => 20) OVER (PARTITION BY card ORDER BY at) AS run, run * 2 AS twice FROM payments'
  const base = Date.now() - 1_000_000
  let sent = 0
  const send = async (...payments: [card: string, amount: number][]) => {
    const body = payments.map(([card, amount]) => JSON.stringify({ card, amount, at: base + sent++ * 1000 })).join('\n')
    const headers = { 'content-type': 'application/x-ndjson' }
    expect((await ctx.engine.forward('/streams/payments/events', { method: 'POST', body, headers })).ok).toBe(true)
  }
  const read = async (view: string, card = 'a') => (await ctx.engine.features({ view, keys: [{ card }] })).rows[0]!.features
  const reportOf = async (jobId: number) => ((await readJob(ctx, jobId)).metrics as JobMetrics | null)?.code?.[0]
  const release = async (view: string) => {
    const { id } = await startRelease.run(ctx, { view, version: 1 })
    const done = await until(
      () => readRelease(ctx, id),
      (one) => one.endedAt !== null,
    )
    expect(done).toMatchObject({ state: 'DONE', failure: null })
    return done.jobs.job2!
  }

  it('file, check, preview, save, release, read; a throw costs the event, a loop the feature, and neither costs another job', {
    timeout: 300_000,
  }, async () => {
    const fields = [
      { name: 'card', type: 'string' },
      { name: 'amount', type: 'int' },
      { name: 'at', type: 'timestamp' },
    ]
    await createStream.run(ctx, { name: 'payments', fields, eventTime: 'at' })
    await send(['a', 30], ['a', 40], ['b', 50], ['a', 13])

    expect((await checkView.run(ctx, { sql })).problems).toMatchObject([{ code: 'unknown_function' }])
    writeFileSync(file, streak(1)) // it is there without a restart
    expect(listCodeFeatures(ctx).items).toMatchObject([
      { file: 'streak.ts', feature: { name: 'streak', usage: 'streak(amount, above => 10)' }, problems: [] },
    ])
    expect(await checkView.run(ctx, { sql })).toMatchObject({ problems: [], types: [{ name: 'run', type: 'int' }, { name: 'twice' }] })
    const preview = await previewView.run(ctx, { sql, last: 10 })
    expect(preview.rows.map((row) => row.slice(-2))).toEqual([
      [1, 2],
      [2, 4],
      [1, 2],
      [2, 4],
    ])
    expect(preview.problems).toMatchObject([{ code: 'preview_throws' }])

    await saveView.run(ctx, { name: 'streaks', sql })
    await saveView.run(ctx, {
      name: 'counts',
      sql: "SELECT card, COUNT(*) OVER (PARTITION BY card ORDER BY at RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) AS n FROM payments",
    })
    const [jobId, otherId] = [await release('streaks'), await release('counts')]
    expect(await read('streaks')).toEqual({ run: 2, twice: 4 })
    const letters = await until(
      () => listDeadLetters(ctx, 'payments', {}),
      (one) => one.items.length > 0,
    )
    expect(letters.items).toMatchObject([
      { partition: 0, offset: 3, code: 'code_feature:streak', message: expect.stringMatching(/thirteen \(line 11\)/) },
    ])
    expect(
      await until(
        () => reportOf(jobId),
        (one) => (one?.calls ?? 0) >= 4,
      ),
    ).toMatchObject({ throws: 1, disabled: null })

    // an edited file changes nothing that runs; saving makes another version
    const pinned = (await readVersion(ctx, 'streaks', 1)).definition.code
    writeFileSync(file, streak(100))
    await send(['a', 50])
    await until(
      () => read('streaks'),
      ({ run }) => run === 3,
    )
    expect((await readVersion(ctx, 'streaks', 1)).definition.code).toEqual(pinned)
    expect(await saveView.run(ctx, { name: 'streaks', sql })).toMatchObject({ version: 2, created: true })

    // a call that never comes back
    await send(['b', 666], ['a', 60])
    const restarted = await until(
      () => readJob(ctx, jobId),
      (one) => one.runs.length === 2 && one.observed === 'RUNNING',
    )
    expect(restarted.exceptions).toMatchObject([{ code: 'code_feature_stuck', message: expect.stringMatching(/streak .* position 5/) }])
    expect(
      await until(
        () => reportOf(jobId),
        (one) => one?.disabled != null,
      ),
    ).toMatchObject({
      name: 'streak',
      disabled: expect.stringMatching(/did not come back/),
    })
    expect(
      await until(
        () => read('streaks'),
        ({ run }) => run === null,
      ),
    ).toEqual({ run: null, twice: null })
    const other = await readJob(ctx, otherId)
    expect({ runs: other.runs.length, restarts: other.restarts }).toEqual({ runs: 1, restarts: 0 })
    expect(await read('counts')).toEqual({ n: 5 })

    // a person's restart lets it run again, from empty state, behind the loop
    await restartJob.run(ctx, { jobId })
    await until(
      () => readJob(ctx, jobId),
      (one) => one.runs.length === 3 && one.observed === 'RUNNING',
    )
    await send(['a', 70], ['a', 80])
    expect(
      await until(
        () => read('streaks'),
        ({ run }) => run === 2,
      ),
    ).toEqual({ run: 2, twice: 4 })
    expect(
      await until(
        () => reportOf(jobId),
        (one) => one?.disabled === null,
      ),
    ).toMatchObject({ fresh: true })

    // the file is mended: its version is built from the whole log beside the running job, and takes over
    writeFileSync(file, streak(1).replace(/ +if \(amount.*\n +while.*\n/, ''))
    const { version } = await saveView.run(ctx, { name: 'streaks', sql })
    const { id } = await startRelease.run(ctx, { view: 'streaks', version, mode: 'automatic' })
    expect(
      await until(
        () => readRelease(ctx, id),
        (one) => one.endedAt !== null || one.state === 'SOAKING' || one.failure !== null,
      ),
    ).toMatchObject({ failure: null })
    expect(
      await until(
        () => read('streaks'),
        ({ run }) => run === 4,
      ),
    ).toEqual({ run: 4, twice: 8 })
    expect(await read('streaks', 'b')).toEqual({ run: 2, twice: 4 })
  })
})
