/** Builds a running engine from the environment; answers how to stop it. */
import { createHash, randomUUID } from 'node:crypto'
import { hostname, tmpdir } from 'node:os'
import { mkdirSync, realpathSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pino from 'pino'
import type { EngineHealth } from '../contract/engine-api.ts'
import { EvenflowError } from '../contract/errors.ts'
import { openDatabase } from '../db/client.ts'
import { compareRunner } from './compare/compare-runner.ts'
import { startDemo, type Demo } from './demo/demo.ts'
import { lockDataDirectory } from './fence/data-directory.ts'
import { takeEngineLease } from './fence/engine-lease.ts'
import { previewRunner } from './preview/preview-runner.ts'
import { type AskedRelease, checkRelease } from './release/check/check-release.ts'
import { driveReleases } from './release/drive-releases.ts'
import type { StepContext } from './release/release-record.ts'
import { engineMetrics } from './report/prometheus.ts'
import { authenticator } from './serve/authenticate.ts'
import { featureReads } from './serve/read-features.ts'
import { startSavepoint } from './serve/job-commands.ts'
import { addRoutes } from './serve/routes.ts'
import { createServer } from './serve/server.ts'
import { streamStatsOf } from './serve/stream-events.ts'
import { openStreamLogs } from './source/stream-logs.ts'
import { keepStreams } from './supervise/keep-streams.ts'
import { removeDisposed } from './supervise/remove-disposed.ts'
import { startSupervisor, type Supervisor } from './supervise/supervisor.ts'

const HEARTBEAT_MS = 2000

class PortRefused extends Error {
  override readonly name = 'PortRefused'
}

export async function startEngine(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const now = Date.now
  const startedAtMs = now()
  const dataDir = resolve(env.EVENFLOW_DATA_DIR ?? './data')
  const version = (JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }).version
  const unlock = lockDataDirectory(dataDir)
  const destination = pino.destination({ dest: env.EVENFLOW_LOG_FILE ?? 2, sync: true, mkdir: true })
  const log = pino({ level: 'info', base: { process: 'engine' }, serializers: { error: pino.stdSerializers.err } }, destination)
  const say = (line: string): void => void process.stdout.write(`${line}\n`)

  const db = await openDatabase({ url: env.DATABASE_URL ?? `file:${join(dataDir, 'evenflow.db')}` })
  const lease = await takeEngineLease(db, `${hostname()}:${realpathSync(dataDir)}`, now).catch((error: unknown) => {
    unlock()
    throw error
  })
  const socketDir = join(tmpdir(), `evenflow-${createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 12)}`)
  mkdirSync(socketDir, { recursive: true, mode: 0o700 })

  let supervisor: Supervisor | undefined
  let demo: Demo | undefined
  const running = (): Supervisor => {
    if (!supervisor) throw new EvenflowError('not_ready', 'The engine is starting.', { hint: 'Try again in a second.' })
    return supervisor
  }
  const context = { db, dataDir, now, log }
  const logs = openStreamLogs({ dataDir, now, onAppended: (stream) => supervisor?.appended(stream) })
  const streams = keepStreams(context, logs)
  // Job and preview processes get no database and no tokens.
  const childEnv: NodeJS.ProcessEnv = {
    PATH: env.PATH,
    HOME: env.HOME,
    TMPDIR: env.TMPDIR,
    TZ: 'UTC',
    NODE_ENV: env.NODE_ENV,
    EVENFLOW_LOG_FILE: env.EVENFLOW_LOG_FILE,
  }
  const reads = featureReads({ db, dataDir, now, supervisor: running })
  const comparisons = compareRunner(childEnv)
  const previews = previewRunner({ db, dataDir, parameters: () => running().parameters, env: childEnv })

  const health = (): EngineHealth => {
    const off = { state: env.EVENFLOW_DEMO === 'off' ? ('off' as const) : ('loading' as const), loaded: 0, total: 0, message: null }
    const troubled = [...(supervisor?.jobs.values() ?? [])].some((job) => job.observed === 'FAILED' || job.observed === 'RESTARTING')
    return {
      status: troubled ? 'degraded' : 'ok',
      pid: process.pid,
      version,
      node: process.version,
      startedAtMs,
      demo: demo?.status() ?? off,
    }
  }
  const releaseContext = (current: Supervisor): StepContext => ({
    db,
    dataDir,
    now,
    running: (id) => (current.jobs.get(id)?.alive ? (current.jobs.get(id) ?? null) : null),
    parameters: (view, hints) => current.parameters.ofView(view, hints),
    savepoint: (jobId, savepointId, at) => startSavepoint({ db, dataDir, supervisor: running }, jobId, savepointId, at),
    compare: comparisons.compare,
    streamStats: (name) => streamStatsOf(name, { db, dataDir, logs }),
    webhookHosts: (env.EVENFLOW_WEBHOOK_HOSTS ?? '').split(',').map((host) => host.trim().toLowerCase()),
    wake: current.wake,
  })
  const metrics = engineMetrics()
  const check = (asked: AskedRelease) => checkRelease(asked, { ...releaseContext(running()), readsOf: metrics.readsOf })
  const authenticate = authenticator({ db, engineToken: env.EVENFLOW_ENGINE_TOKEN, adminToken: env.EVENFLOW_API_TOKEN, now })
  const server = createServer({ log, authenticate })
  addRoutes(server, { db, dataDir, now, supervisor: running, logs, reads, previews, metrics, check, health })
  const port = Number(env.ENGINE_PORT ?? 3100)
  // Listening first: an engine that can't be asked starts no jobs.
  const address = await server.listen({ host: '127.0.0.1', port }).catch((error: NodeJS.ErrnoException) => {
    unlock()
    throw error.code === 'EADDRINUSE'
      ? new PortRefused(`Port ${port} is taken by another process. End that one, or set ENGINE_PORT to a free port.`)
      : error
  })
  supervisor = await startSupervisor(context, {
    entry: join(import.meta.dirname, 'job', 'main.ts'),
    socketDir,
    env: childEnv,
    async afterJobs(current) {
      log.level = current.parameters.ofSystem().logLevel.value
      await streams.tend(current.parameters)
      await removeDisposed(context)
      return driveReleases(releaseContext(current), log)
    },
  })

  const instance = await db.engineInstance.create({
    data: { id: randomUUID(), pid: process.pid, version, address, startedAt: new Date(startedAtMs), heartbeatAt: new Date(now()) },
  })
  const heartbeat = setInterval(() => {
    void (async () => {
      await db.engineInstance.updateMany({ where: { id: instance.id }, data: { heartbeatAt: new Date(now()) } })
      if (await lease.renew()) return
      log.fatal('another engine has taken the database; this one ends')
      process.exit(1)
    })().catch((error: unknown) => log.error({ error }, 'no heartbeat could be written'))
  }, HEARTBEAT_MS)
  say(`engine: ready at ${address}`)
  log.info({ address, dataDir, version }, 'engine ready')
  if (env.EVENFLOW_DEMO !== 'off') demo = startDemo({ ...context, logs, say, parameters: () => running().parameters, wake: running().wake })

  return async () => {
    clearInterval(heartbeat)
    await demo?.stop()
    await server.close()
    previews.close()
    comparisons.close()
    await running().close()
    await reads.close()
    await logs.close()
    await db.engineInstance.updateMany({ where: { id: instance.id }, data: { stoppedAt: new Date(now()) } })
    await lease.release()
    await db.$disconnect()
    unlock()
    log.info('engine ended')
  }
}
