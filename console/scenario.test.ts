/** The verbs and readers on real databases: what is written, what is refused and why, what stands in the audit log. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { z } from 'zod'
import { EvenflowError } from '../contract/errors.ts'
import * as http from '../contract/http-api.ts'
import { refusal } from '../contract/release-words.ts'
import type { ReleaseCheck } from '../contract/release-check.ts'
import type { Db } from '../db/client.ts'
import { describeDatabases } from '../db/testing/test-databases.ts'
import type { ConsoleContext } from './context.ts'
import { restartJob } from './jobs/restart-job.ts'
import { stopJob } from './jobs/stop-job.ts'
import { takeCheckpoint } from './jobs/take-checkpoint.ts'
import { takeSavepoint } from './jobs/take-savepoint.ts'
import { putParameter } from './parameters/put-parameter.ts'
import { listAudit } from './readers/audit.ts'
import { checkpointHistory, readCheckpoint } from './readers/checkpoints.ts'
import { readGuide, readOverview } from './readers/guide.ts'
import { listJobs, readJob } from './readers/jobs.ts'
import { listParameters } from './readers/parameters.ts'
import { listReleases, readRelease } from './readers/releases.ts'
import { listSavepoints, readSavepoint } from './readers/savepoints.ts'
import { listDeadLetters, listStreams, readStream } from './readers/streams.ts'
import { diffVersions } from './readers/view-diff.ts'
import { listVersions, listViews, readView } from './readers/views.ts'
import { actOnRelease } from './releases/act-on-release.ts'
import { checkRelease } from './releases/check-release.ts'
import { startRelease } from './releases/start-release.ts'
import { disposeSavepoint } from './savepoints/dispose-savepoint.ts'
import { pinSavepoint } from './savepoints/pin-savepoint.ts'
import { unpinSavepoint } from './savepoints/unpin-savepoint.ts'
import { createStream } from './streams/create-stream.ts'
import { healthy, startEngineDouble } from './testing/engine-double.ts'
import { contextOf, nobody, testRuntime } from './testing/test-runtime.ts'
import { createToken } from './tokens/create-token.ts'
import { revokeToken } from './tokens/revoke-token.ts'
import { createFirstAdministrator } from './users/create-first-administrator.ts'
import { createUser } from './users/create-user.ts'
import { setUserRole } from './users/set-user-role.ts'
import { checkView } from './views/check-view.ts'
import { previewView } from './views/preview-view.ts'
import { saveView } from './views/save-view.ts'

const sql = (filter = '') =>
  `SELECT card, SUM(amount) ${filter} OVER w AS total FROM payments WINDOW w AS (PARTITION BY card ORDER BY at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`
const payments = {
  name: 'payments',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'at', type: 'timestamp' },
  ],
  eventTime: 'at',
}
const caught = async (work: Promise<unknown>): Promise<EvenflowError> => {
  const error = await work.then(
    () => null,
    (one: unknown) => one,
  )
  expect(error).toBeInstanceOf(EvenflowError)
  return error as EvenflowError
}
/** The shape is exactly the contract's: nothing missing, nothing besides. */
const exactly = <S extends z.ZodObject>(schema: S, value: unknown) => expect(schema.strict().safeParse(value).error).toBeUndefined()

const CHECKED: ReleaseCheck = {
  view: 'cards',
  fromVersion: null,
  toVersion: 1,
  kind: 'new_job',
  atMs: 0,
  readsAgain: null,
  features: [],
  other: [],
  tables: [],
  droppedColumns: 0,
  archive: null,
  reading: { from: 'log', historyEventTimeMs: null, events: 0, eventsPerSecond: null, measuredBy: null, tookMs: 0 },
  memory: { estimateBytes: null, limitBytes: 2, isLeast: false, basis: { code: 'memory_unknown', values: {}, text: '' } },
  consumers: [],
  warnings: [],
  refusals: [],
  canProceed: true,
}

await describeDatabases('the console', (databases) => {
  let engine: Awaited<ReturnType<typeof startEngineDouble>>
  let ctx: ConsoleContext
  let down: ConsoleContext
  let db: Db
  let jobId: number

  beforeAll(async () => {
    engine = await startEngineDouble({ 'GET /healthz': healthy, 'POST /wake': { body: undefined } })
    const test = await databases.migrated()
    db = test.db
    ctx = contextOf(testRuntime(test, engine.url), 'admin')
    down = contextOf(testRuntime(test, nobody), 'admin')
  })
  afterAll(() => engine.stop())

  it('makes a stream; a second one of that name, and fields that make no sense, are refused with what to do', async () => {
    await createStream.run(ctx, payments)
    expect((await caught(createStream.run(ctx, payments))).code).toBe('already_exists')
    const bad = (change: object) => caught(createStream.run(ctx, { ...payments, name: 'other', ...change }))
    expect((await bad({ eventTime: 'when' })).hint).toMatch(/card, amount, at/)
    expect((await bad({ eventTime: 'amount' })).message).toMatch(/has the type double/)
    expect((await bad({ fields: [...payments.fields, payments.fields[0]] })).message).toMatch(/listed twice/)
    expect((await bad({ fields: [{ name: 'at', type: 'timestamp', nullable: true }] })).message).toMatch(/nullable/)
    expect((await bad({ partitionBy: 'nothing' })).code).toBe('invalid_stream')
    expect(await db.stream.count()).toBe(1)
  })

  it('shows streams without figures while the engine is away, and says nothing false', async () => {
    exactly(http.Stream, await readStream(down, 'payments'))
    expect((await listStreams(down)).items[0]).toMatchObject({ name: 'payments', stats: null, views: [], deadLetters: 0 })
    expect((await caught(readStream(down, 'nothing'))).code).toBe('not_found')
  })

  it('checks a definition: types and canonical SQL, or the problem where it stands, with a suggestion', async () => {
    const good = await checkView.run(down, { sql: sql() })
    expect(good).toMatchObject({ problems: [], types: [{ name: 'total', type: 'double' }], cost: null })
    const bad = await checkView.run(down, { sql: sql().replace('amount', 'amuont') })
    expect(bad.problems[0]).toMatchObject({ line: 1, column: 18, code: 'unknown_field', hint: expect.stringContaining('amount') })
    expect(await db.view.count()).toBe(0)
  })

  it('an unsound definition is not saved and lists its problems', async () => {
    const error = await caught(saveView.run(ctx, { name: 'cards', sql: sql().replace('amount', 'amuont') }))
    expect(error).toMatchObject({ code: 'invalid_definition', details: [expect.objectContaining({ line: 1, column: 18 })] })
    expect(await db.view.count()).toBe(0)
  })

  it('saves versions; an equal definition makes none, however it is written', async () => {
    expect(await saveView.run(ctx, { name: 'cards', sql: sql(), note: 'first' })).toMatchObject({ version: 1, created: true })
    expect(await saveView.run(ctx, { name: 'cards', sql: sql().replaceAll(' ', '\n ').toLowerCase() })).toMatchObject({
      version: 1,
      created: false,
    })
    expect(await saveView.run(ctx, { name: 'cards', sql: sql('FILTER (WHERE amount > 5)'), baseVersion: 1 })).toMatchObject({
      version: 2,
      created: true,
    })
    exactly(http.View, await readView(down, 'cards'))
    expect((await listViews(down)).items).toMatchObject([{ name: 'cards', stream: 'payments', key: ['card'], latestVersion: 2 }])
    expect((await listVersions(down, 'cards')).items.map((one) => one.version)).toEqual([2, 1])
    const diff = await diffVersions(down, 'cards', 1, 2)
    exactly(http.ViewDiff, diff)
    expect(diff.features).toMatchObject([{ name: 'total', change: 'changed' }])
  })

  it('a save that began from an older version is refused with the newer one in hand', async () => {
    const error = await caught(saveView.run(ctx, { name: 'cards', sql: sql('FILTER (WHERE amount > 7)'), baseVersion: 1 }))
    expect(error).toMatchObject({ code: 'conflict', details: { version: 2, view: 'cards' } })
  })

  it('of many saves at once every one gets a version of its own', async () => {
    const saved = await Promise.all(
      [11, 12, 13, 14].map((n) => saveView.run(ctx, { name: 'cards', sql: sql(`FILTER (WHERE amount > ${n})`) })),
    )
    expect(saved.map((one) => one.version).sort()).toEqual([3, 4, 5, 6])
    expect(await db.viewVersion.count()).toBe(6)
  })

  it('a preview needs the engine, and a preview that worked ticks off its step', async () => {
    const error = await caught(previewView.run(down, { view: 'cards', version: 1 }))
    expect(error).toMatchObject({ code: 'engine_unreachable', hint: expect.stringMatching(/try again/) })
    engine.answers['POST /preview'] = { body: { columns: [], rows: [], readEvents: 0, refusedEvents: 0, tookMs: 1, problems: [] } }
    expect((await readGuide(ctx)).steps.find((one) => one.step === 'preview')?.done).toBe(false)
    await previewView.run(ctx, { sql: sql() })
    expect(engine.asked.at(-1)).toMatchObject({ key: 'POST /preview', authorization: 'Bearer engine-token' })
    expect((await readGuide(ctx)).steps.find((one) => one.step === 'preview')?.done).toBe(true)
  })

  it('asks for a release while the engine is away: it waits in the database; a second one queues or is refused', async () => {
    const { id } = await startRelease.run(down, { view: 'cards', version: 2, historyEventTime: '2001-03-01T00:00:00Z' })
    const release = await readRelease(down, id)
    exactly(http.Release, release)
    expect(release).toMatchObject({
      state: 'QUEUED',
      kind: 'new_job',
      toVersion: 2,
      fromVersion: null,
      request: { historyEventTimeMs: Date.UTC(2001, 2, 1) },
    })
    expect(release.facts.map((fact) => fact.kind)).toEqual(['state', 'created'])
    const many = await caught(startRelease.run(down, { view: 'cards', version: 1, parallelism: 129 }))
    expect(many).toMatchObject({ code: 'bad_request', message: expect.stringMatching(/at most maxParallelism/) })
    expect((await caught(startRelease.run(ctx, { view: 'cards', version: 1, ifBusy: 'refuse' }))).code).toBe('busy')
    expect((await caught(startRelease.run(ctx, { view: 'cards', version: 99 }))).code).toBe('not_found')
    expect((await caught(startRelease.run(ctx, { view: 'nothing', version: 1 }))).code).toBe('not_found')
    expect((await caught(startRelease.run(ctx, { view: 'cards', version: 1, parallelism: 129 }))).code).toBe('bad_request')
    const future = await caught(startRelease.run(ctx, { view: 'cards', version: 1, historyEventTime: ctx.now().getTime() + 60_000 }))
    expect(future).toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/in the future/),
      hint: expect.stringMatching(/leave it out/),
    })
    const second = await startRelease.run(ctx, { view: 'cards', version: 1, mode: 'gated', parallelism: 3 })
    expect(release.request.parallelism).toBe(1)
    expect((await readRelease(down, second.id)).request.parallelism).toBe(3)
    expect((await listReleases(down, {})).items.map((one) => one.id)).toEqual([second.id, id])
  })

  it('what the check refuses is no release; the check is the question that the engine answers, and needs it', async () => {
    const releases = await db.release.count()
    const way = { code: 'refused_memory_way', values: {}, text: 'Raise memoryLimit.' }
    const why = { code: 'refused_memory', values: { estimateBytes: 3, limitBytes: 2 }, text: 'The state would take about 3 B.' }
    const answer = { ...CHECKED, refusals: [{ why, way }], canProceed: false }
    engine.answers['POST /releases/check'] = { body: answer }
    const asked = { view: 'cards', version: 1, historyEventTime: '2001-03-01T00:00:00Z' }
    expect(await checkRelease.run(ctx, asked)).toEqual(answer)
    expect(JSON.parse(engine.asked.at(-1)!.body)).toEqual({ view: 'cards', version: 1, historyEventTimeMs: Date.UTC(2001, 2, 1) })
    const error = await caught(startRelease.run(ctx, asked))
    expect(error).toMatchObject({ code: 'release_refused', message: why.text, hint: way.text, details: { code: 'refused_memory' } })
    expect(await db.release.count()).toBe(releases)
    delete engine.answers['POST /releases/check']
    expect((await caught(checkRelease.run(down, asked))).code).toBe('engine_unreachable')
  })

  it('an action is taken once, only where it is offered, and only by an operator', async () => {
    const { id } = (await listReleases(ctx, {})).items[0]!
    const viewer = { ...ctx, actor: { ...ctx.actor, role: 'analyst' as const } }
    expect((await readRelease(viewer, id)).allowedActions.every((one) => !one.enabled)).toBe(true)
    expect((await caught(actOnRelease.run(ctx, { id, action: 'rollback' }))).code).toBe('not_allowed_now')
    expect((await caught(actOnRelease.run(ctx, { id, action: 'cutover' }))).message).toMatch(/has not held all gates/)
    await actOnRelease.run(ctx, { id, action: 'abort', reason: 'a test' })
    expect((await caught(actOnRelease.run(ctx, { id, action: 'abort' }))).message).toMatch(/abort has been asked for/)
    expect((await readRelease(ctx, id)).allowedActions.every((one) => !one.enabled)).toBe(true)
    expect(await db.releaseFact.count({ where: { releaseId: id, kind: 'action' } })).toBe(1)
  })

  it('a comparison that differs is overruled with a reason, which stays in the record and in the audit; without one it is refused', async () => {
    const { id: viewId } = await db.view.findUniqueOrThrow({ where: { name: 'cards' } })
    const at = new Date()
    const row = { viewId, kind: 'change', fromVersion: 1, toVersion: 2, state: 'COMPARING', stateSince: at, createdBy: 'other@test' }
    const { id } = await db.release.create({ data: { ...row, request: { mode: 'automatic' } } })
    const add = (kind: string, payload: object) => db.releaseFact.create({ data: { releaseId: id, generation: 1, at, kind, payload } })
    await add('state', { from: 'CATCHING_UP', to: 'COMPARING' })
    const overrule = (reason?: string) => actOnRelease.run(ctx, { id, action: 'overrule', ...(reason && { reason }) })
    expect((await caught(overrule('why not'))).message).toMatch(/still being compared/)
    await add('compared', { outcome: 'differs' })
    expect((await readRelease(ctx, id)).waitsFor?.code).toBe('waits_differing')
    expect((await caught(overrule())).code).toBe('bad_request')
    await overrule('it counted test orders')
    const payload = { action: 'overrule', by: ctx.actor.name, reason: 'it counted test orders' }
    expect((await db.releaseFact.findFirstOrThrow({ where: { releaseId: id, kind: 'action' } })).payload).toEqual(payload)
    const [audited] = (await listAudit(ctx, {})).items
    expect(audited).toMatchObject({ action: 'releases.act', targetId: String(id), after: payload })
    await db.releaseFact.deleteMany({ where: { releaseId: id } })
    await db.release.delete({ where: { id } })
  })

  it('a release that needs approval is approved by another person, not by who asked for it, whatever token they use', async () => {
    await putParameter.run(ctx, { key: 'releaseApproval', value: 'on', scope: 'view:cards' })
    await putParameter.run(ctx, { key: 'cutoverHours', value: '00:00-00:01 UTC', scope: 'view:cards' })
    const { id } = await startRelease.run(ctx, { view: 'cards', version: 1, mode: 'gated' })
    await putParameter.run(ctx, { key: 'releaseApproval', value: null, scope: 'view:cards' })
    expect((await readRelease(ctx, id)).request.approval).toBe(true) // as it was when it was asked for
    const offer = async (who: ConsoleContext, action: string) =>
      (await readRelease(who, id)).allowedActions.find((one) => one.action === action)
    expect(await offer(ctx, 'approve')).toBeUndefined() // it replaces no job
    const job1 = await db.job.create({
      data: { viewId: (await db.view.findUniqueOrThrow({ where: { name: 'cards' } })).id, version: 2, startFrom: {} },
    })
    await db.release.update({ where: { id }, data: { job1Id: job1.id, kind: 'change' } })
    const token = { ...ctx, actor: { ...ctx.actor, id: 'token:1', name: 'token mine', via: 'token' as const } }
    for (const mine of [ctx, token])
      expect(await caught(actOnRelease.run(mine, { id, action: 'approve' }))).toMatchObject({
        code: 'not_allowed_now',
        message: 'admin@test asked for this release: another person approves it.',
      })
    const other = { ...ctx, actor: { ...ctx.actor, id: 'o', personId: 'o', name: 'other@test' } }
    await actOnRelease.run(other, { id, action: 'approve' })
    expect(await offer(other, 'approve')).toBeUndefined()
    expect((await offer(ctx, 'abort'))?.enabled).toBe(true) // an approval is no request that the engine has to answer
    expect((await listAudit(ctx, { targetType: 'release', targetId: String(id) })).items[0]).toMatchObject({
      actor: 'other@test',
      action: 'releases.act',
      after: { action: 'approve' },
    })
    const at = new Date()
    const ready = { releaseId: id, generation: 1, at, kind: 'state', payload: { from: 'CATCHING_UP', to: 'READY' } }
    await db.release.update({ where: { id }, data: { state: 'READY', stateSince: at } })
    await db.releaseFact.create({ data: ready })
    const noon = { ...ctx, now: () => new Date('2026-01-01T12:00:00Z') }
    expect(await readRelease(noon, id)).toMatchObject({
      waitsFor: { code: 'waits_hours', values: { opensAtMs: Date.UTC(2026, 0, 2) } },
      facts: expect.arrayContaining([expect.objectContaining({ kind: 'approved' })]),
    })
    expect((await caught(actOnRelease.run(noon, { id, action: 'cutover' }))).message).toMatch(/allow it from 2026-01-02T00:00/)
    await putParameter.run(ctx, { key: 'cutoverHours', value: null, scope: 'view:cards' })
    await actOnRelease.run(noon, { id, action: 'cutover' })
    await db.release.delete({ where: { id } })
    await db.job.delete({ where: { id: job1.id } })
  })

  it('shows a release by the facts that the engine wrote', async () => {
    const release = (await listReleases(ctx, {})).items.at(-1)!
    const at = new Date('2026-01-01T00:00:10Z')
    await db.release.update({ where: { id: release.id }, data: { state: 'CATCHING_UP', stateSince: at } })
    const gate = { name: 'lag', state: 'measuring', measured: 5, threshold: 1000, unit: 'records', heldSamples: 1, neededSamples: 3 }
    const facts = [
      ['state', { from: 'QUEUED', to: 'CATCHING_UP' }],
      ['gates', { gates: [gate] }],
      ['progress', { positionRead: 5, positionEnd: 10, eventsPerSecond: 2, secondsLeft: 2.5 }],
    ] as const
    for (const [kind, payload] of facts) await db.releaseFact.create({ data: { releaseId: release.id, generation: 1, at, kind, payload } })
    const shown = await readRelease(ctx, release.id)
    exactly(http.Release, shown)
    expect(shown).toMatchObject({ gates: [gate], progress: { secondsLeft: 2.5 } })
    expect(shown.steps.find((one) => one.state === 'CATCHING_UP')).toEqual({
      state: 'CATCHING_UP',
      startedAtMs: at.getTime(),
      endedAtMs: null,
    })
    expect(shown.steps.find((one) => one.state === 'QUEUED')?.endedAtMs).toBe(at.getTime())
    expect(shown.facts.map((fact) => fact.kind)).not.toContain('gates')
  })

  it('stops and restarts a job by what is wanted of it, engine or not', async () => {
    const view = await db.view.findUniqueOrThrow({ where: { name: 'cards' } })
    const job = await db.job.create({
      data: { viewId: view.id, version: 2, startFrom: { historyEventTimeMs: 5, appliedRun: 3, fresh: true }, observed: 'RUNNING' },
    })
    jobId = job.id
    exactly(http.JobDetail, await readJob(down, jobId))
    await stopJob.run(down, { jobId })
    expect((await readJob(down, jobId)).desired).toBe('STOPPED')
    await stopJob.run(down, { jobId }) // twice changes nothing
    await restartJob.run(down, { jobId })
    expect(await db.job.findUnique({ where: { id: jobId } })).toMatchObject({
      desired: 'RUNNING',
      generation: 2,
      startFrom: { historyEventTimeMs: 5 },
    })
    expect((await listJobs(down)).items).toHaveLength(1)
    expect((await caught(restartJob.run(ctx, { jobId, from: { savepointId: 77 } }))).code).toBe('not_found')
    expect((await caught(restartJob.run(ctx, { jobId, from: { checkpointId: 77 } }))).code).toBe('not_found')
    expect((await caught(stopJob.run(ctx, { jobId: 4711 }))).code).toBe('not_found')
  })

  it('a savepoint without an engine leaves nothing behind; one that the engine refuses is told as failed', async () => {
    expect((await caught(takeSavepoint.run(down, { jobId }))).code).toBe('engine_unreachable')
    expect(await db.savepoint.count()).toBe(0)
    engine.answers[`POST /jobs/${jobId}/savepoint`] = {
      status: 409,
      body: { error: { code: 'not_allowed_now', message: 'Job is restarting.' } },
    }
    expect((await caught(takeSavepoint.run(ctx, { jobId, name: 'refused' }))).message).toBe('Job is restarting.')
    expect(await db.savepoint.findFirst()).toMatchObject({ name: 'refused', status: 'FAILED', failureMessage: 'Job is restarting.' })
  })

  it('a savepoint is a row that the engine completes; pinned or needed it stays', async () => {
    engine.answers[`POST /jobs/${jobId}/savepoint`] = { status: 202, body: {} }
    const { id } = await takeSavepoint.run(ctx, { jobId, note: 'before lunch' })
    exactly(http.Savepoint, await readSavepoint(down, id))
    expect((await caught(disposeSavepoint.run(ctx, { id }))).message).toMatch(/is being taken/)
    expect((await caught(restartJob.run(ctx, { jobId, from: { savepointId: id } }))).code).toBe('gone')
    await db.savepoint.update({ where: { id }, data: { status: 'COMPLETED', path: 'savepoints/1', sizeBytes: 12n } })
    expect((await readSavepoint(ctx, id)).restorableBy).toEqual([2])
    await pinSavepoint.run(ctx, { id, reason: 'audit of May' })
    expect((await caught(disposeSavepoint.run(ctx, { id }))).message).toMatch(/is pinned: audit of May/)
    await unpinSavepoint.run(ctx, { id })
    const begins = await startRelease.run(ctx, { view: 'cards', version: 2, fromSavepoint: id })
    expect((await readRelease(ctx, begins.id)).request).toMatchObject({ savepointId: id })
    expect((await caught(disposeSavepoint.run(ctx, { id }))).message).toMatch(/begins there/)
    await db.release.delete({ where: { id: begins.id } })
    const { generation } = await db.job.findUniqueOrThrow({ where: { id: jobId } })
    const damage = refusal('refused_savepoint_corrupt', { savepoint: id, why: 'its checksum does not match' })
    engine.answers[`POST /savepoints/${id}/check`] = { body: { damage } }
    expect(await caught(restartJob.run(ctx, { jobId, from: { savepointId: id } }))).toMatchObject({
      code: 'gone',
      message: expect.stringMatching(/is damaged: its checksum/),
      hint: 'Choose another savepoint.',
    })
    expect(await db.job.findUniqueOrThrow({ where: { id: jobId } })).toMatchObject({ generation }) // it goes on as it is
    engine.answers[`POST /savepoints/${id}/check`] = { body: { damage: null } }
    await restartJob.run(ctx, { jobId, from: { savepointId: id } })
    await restartJob.run(ctx, { jobId, from: { outOfRange: 'oldest' } }) // says more of the start that was asked for
    expect((await db.job.findUnique({ where: { id: jobId } }))?.startFrom).toMatchObject({ savepointId: id, outOfRange: 'oldest' })
    expect((await caught(disposeSavepoint.run(ctx, { id }))).message).toMatch(/starts from it until it has a checkpoint/)
    await db.job.update({ where: { id: jobId }, data: { startFrom: { savepointId: id, appliedRun: 4 } } })
    await db.checkpoint.create({
      data: {
        jobId,
        run: 4,
        number: 1,
        kind: 'checkpoint',
        status: 'COMPLETED',
        triggeredAt: new Date(),
        positions: {},
        durationMs: 3,
        subtasks: {
          create: [
            {
              operator: 'keyed',
              subtask: 0,
              startDelayMs: 0,
              alignmentMs: 0,
              syncMs: 2,
              asyncMs: 1,
              endToEndMs: 3,
              checkpointedBytes: 1n,
              fullBytes: 1n,
              processedBytes: 0n,
            },
          ],
        },
      },
    })
    await disposeSavepoint.run(ctx, { id })
    expect((await listSavepoints(ctx, {})).items[0]).toMatchObject({ id, status: 'DISPOSED', restorableBy: [] })
  })

  it("a checkpoint now is the engine's answer", async () => {
    const report = {
      run: 4,
      number: 2,
      kind: 'checkpoint',
      status: 'COMPLETED',
      requestId: 'r',
      triggeredAtMs: 1,
      completedAtMs: 2,
      path: 'p',
      checkpointedBytes: 1,
      fullBytes: 1,
      processedBytes: 0,
      positions: { 0: 5 },
      maxEventTimeMs: null,
      watermarkMs: null,
      failureReason: null,
      failureMessage: null,
      subtasks: [],
    }
    engine.answers[`POST /jobs/${jobId}/checkpoint`] = { body: report }
    expect(await takeCheckpoint.run(ctx, { jobId })).toMatchObject({ number: 2, status: 'COMPLETED' })
    await db.job.update({ where: { id: jobId }, data: { observed: 'RESTARTING' } })
    expect((await caught(takeCheckpoint.run(ctx, { jobId }))).message).toMatch(/is RESTARTING/)
  })

  it('shows the history of checkpoints and one of them', async () => {
    const history = await checkpointHistory(down, jobId, {})
    expect(http.CheckpointHistory.strict().safeParse(history).error).toBeUndefined()
    expect(history).toMatchObject({
      counts: { triggered: 1, completed: 1, failed: 0 },
      summary: expect.arrayContaining([expect.objectContaining({ figure: 'pauseMs', p99: 2 })]),
    })
    const one = await readCheckpoint(down, jobId, history.items[0]!.id)
    exactly(http.CheckpointDetail, one)
    expect(one.subtasks).toHaveLength(1)
    expect((await caught(readCheckpoint(down, jobId + 1, one.id))).code).toBe('not_found')
  })

  it('parameters: text or number in, bounds kept, the narrower scope wins, null goes back', async () => {
    const value = async (key: string, scope: string) => (await listParameters(ctx, scope)).items.find((one) => one.key === key)
    await putParameter.run(ctx, { key: 'checkpointInterval', value: '20 seconds' })
    await putParameter.run(ctx, { key: 'checkpointInterval', value: 30_000, scope: 'view:cards' })
    expect(await value('checkpointInterval', `job:${jobId}`)).toMatchObject({
      value: 30_000,
      source: 'view:cards',
      updatedBy: 'admin@test',
    })
    expect(await value('checkpointInterval', 'system')).toMatchObject({ value: 20_000, source: 'system' })
    await putParameter.run(ctx, { key: 'checkpointInterval', value: null, scope: 'view:cards' })
    expect(await value('checkpointInterval', 'view:cards')).toMatchObject({ value: 20_000, source: 'system' })
    exactly(http.Parameter, await value('logLevel', 'system'))
    const refused = (input: object) => caught(putParameter.run(ctx, input))
    expect(await refused({ key: 'forward', value: 'payments', scope: 'view:cards' })).toMatchObject({
      code: 'invalid_parameter',
      hint: expect.stringMatching(/cards_features/),
    })
    expect(await refused({ key: 'forward', value: 'no name', scope: 'view:cards' })).toMatchObject({ code: 'invalid_parameter' })
    expect((await refused({ key: 'checkpointIntervall', value: 1 })).hint).toMatch(/checkpointInterval/)
    expect((await refused({ key: 'checkpointInterval', value: '20' })).message).toMatch(/needs a unit/)
    expect((await refused({ key: 'batchSize', value: 0 })).code).toBe('invalid_parameter')
    expect((await refused({ key: 'batchSize', value: 10, scope: `job:${jobId}` })).message).toMatch(/can't be set for a job/)
    expect((await refused({ key: 'batchSize', value: 10, scope: 'view:nothing' })).code).toBe('not_found')
  })

  it('the first administrator is one, however many ask at once; somebody stays administrator', async () => {
    const setup = (n: number) => createFirstAdministrator.run(ctx, { name: 'A', email: `A${n}@example.com`, password: 'long enough' })
    const ends = await Promise.allSettled([setup(1), setup(2), setup(3)])
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1)
    const [admin] = await db.user.findMany({ where: { role: 'admin' } })
    expect(admin!.email).toMatch(/^a\d@example.com$/)
    expect((await caught(setUserRole.run(ctx, { id: admin!.id, role: 'viewer' }))).message).toMatch(/only administrator/)
    const { id } = await createUser.run(ctx, { name: 'B', email: 'b@example.com', password: 'long enough', role: 'admin' })
    await setUserRole.run(ctx, { id: admin!.id, disabled: true })
    expect((await caught(setUserRole.run(ctx, { id, disabled: true }))).code).toBe('not_allowed_now')
    expect((await caught(createUser.run(ctx, { name: 'B', email: 'B@example.com', password: 'long enough', role: 'viewer' }))).code).toBe(
      'already_exists',
    )
  })

  it('a token is shown once, kept as its hash, and revoked for good', async () => {
    const made = await createToken.run(ctx, { name: 'ci', role: 'operator' })
    expect(made.token).toMatch(/^evf_/)
    expect(JSON.stringify(await db.apiToken.findMany())).not.toContain(made.token)
    await revokeToken.run(ctx, { id: made.id })
    expect((await db.apiToken.findUniqueOrThrow({ where: { id: made.id } })).revokedAt).not.toBeNull()
  })

  it('pages through dead letters without losing or repeating any', async () => {
    const stream = await db.stream.findUniqueOrThrow({ where: { name: 'payments' } })
    for (let i = 0; i < 5; i++)
      await db.deadLetter.create({
        data: { streamId: stream.id, dedupKey: `k${i}`, code: 'not_json', message: 'm', raw: '{', offset: BigInt(i), partition: 0 },
      })
    const first = await listDeadLetters(down, 'payments', { limit: 3 })
    const rest = await listDeadLetters(down, 'payments', { limit: 3, cursor: Number(first.nextCursor) })
    expect([...first.items, ...rest.items].map((one) => one.offset)).toEqual([4, 3, 2, 1, 0])
    expect(rest.nextCursor).toBeUndefined()
    exactly(http.DeadLetter, first.items[0])
  })

  it('the overview counts what there is', async () => {
    const overview = await readOverview(down)
    exactly(http.Overview, overview)
    expect(overview).toMatchObject({ streams: 1, views: 1, features: 1, releasesInProgress: 2, engine: { reachable: false } })
    expect((await readOverview(ctx)).engine.reachable).toBe(true)
  })

  it('every write that was done stands in the audit log, and none that was refused', async () => {
    const { items } = await listAudit(ctx, { limit: 200 })
    exactly(http.AuditEntry, items[0])
    const done = new Set(items.map((one) => one.action))
    const writes = [
      'streams.create',
      'views.save',
      'releases.start',
      'releases.act',
      'jobs.savepoint',
      'jobs.checkpoint',
      'jobs.stop',
      'jobs.restart',
      'savepoints.pin',
      'savepoints.unpin',
      'savepoints.dispose',
      'parameters.put',
      'users.create',
      'users.setRole',
      'tokens.create',
      'tokens.revoke',
    ]
    expect([...done].sort()).toEqual(writes.sort())
    const count = (action: string) => items.filter((one) => one.action === action).length
    expect([count('streams.create'), count('views.save'), count('releases.start'), count('jobs.stop')]).toEqual([1, 6, 4, 1])
    const approved = (one: (typeof items)[number]) => one.actor === 'other@test' && one.action === 'releases.act'
    expect(items.every((one) => (one.actor === 'admin@test' || approved(one)) && one.address === '127.0.0.1')).toBe(true)
    expect(JSON.stringify(items)).not.toMatch(/long enough|evf_/)
  })
})
