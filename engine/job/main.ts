/**
 * The process of one job, forked by the supervisor: wires clocks, files, log and stores to a Job and drives it.
 * Exit codes: 0 stopped as asked · 1 failed, may be started again · 3 failed, a person has to choose · 4 the lease ran out ·
 * 5 the supervisor is gone.
 */
import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JobArchive } from '../../contract/archive.ts'
import { type FromJob, STUCK_FD, ToJob } from '../../contract/job-ipc.ts'
import { isWebhook } from '../../definition/forward-stream.ts'
import { featureIds, rowMeaning } from '../../definition/feature-id.ts'
import { loadArchive, LoadStopped } from '../archive/load-archive.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import { nodeSnapshotFs } from '../checkpoint/node-fs.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { forwardedRow } from '../forward/forwarded-row.ts'
import { Forwarder } from '../forward/forwarder.ts'
import { openStreamTarget } from '../forward/stream-target.ts'
import { openWebhookTarget } from '../forward/webhook-target.ts'
import { type Plan, planView } from '../plan/plan.ts'
import { startKeyedThread } from '../exchange/keyed-thread.ts'
import { openHistoryThread } from '../sink/history-thread.ts'
import { openOnlineStore } from '../sink/online-store.ts'
import { openSource } from '../source/open-source.ts'
import type { Source } from '../source/port.ts'
import { watchCalls } from './call-watchdog.ts'
import { describeFailure } from './failure.ts'
import { Job } from './job.ts'
import { Lease } from './lease.ts'
import type { StartMessage } from './ports.ts'
import { startReadServer } from './read-server.ts'

const POLL_EVERY_MS = 50
const REPORT_EVERY_MS = 1000
const PRUNE_EVERY_MS = 1_000
const LEASE_CHECK_MS = 250
const FIRST_LEASE_MS = 30_000
/** a third of the processor where others want it too: live values come first */
const BACKFILL_PRIORITY = 5

const monotonicMs = () => performance.now()
const threadMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
/** Until the supervisor's first lease comes, a short patience. */
let lease = new Lease(monotonicMs, FIRST_LEASE_MS)
let leased = false
let job: Job | null = null
/** said since the start message; undefined: nothing */
let authority: number | null | undefined
let stopping = false
let wake: () => void = () => {}
/** something came while nobody was waiting */
let woken = false

/** Resolves when the message is on its way: a process that ends at once would take it with it. */
function send(message: FromJob): Promise<void> {
  return new Promise((resolve) => (process.connected ? process.send!(message, undefined, {}, () => resolve()) : resolve()))
}

function wakeUp(): void {
  woken = true
  wake()
}

function checkLease(): void {
  if (lease.expired) process.exit(4)
}

process.on('disconnect', () => process.exit(5))
process.on('SIGINT', () => {}) // Ctrl-C reaches the whole group: the supervisor decides, and stops us in order
process.on('message', (raw) => {
  checkLease()
  const message = ToJob.parse(raw)
  switch (message.type) {
    case 'start':
      void run(message).catch(fail)
      return
    case 'lease':
      if (leased) lease.renew(message.validForMs)
      else lease = new Lease(monotonicMs, message.validForMs)
      leased = true
      return
    case 'stop':
      stopping = true
      break
    case 'parameters':
      job?.configure(message.parameters)
      break
    case 'checkpoint':
      job?.requestCheckpoint(message.requestId)
      break
    case 'savepoint':
      job?.requestSavepoint(message.requestId, message.path, message.at)
      break
    case 'hold':
      job?.hold(message.requestId)
      break
    case 'resume':
      job?.resume()
      break
    case 'reach':
      job?.reach(message.requestId, message.positions)
      break
    case 'authority':
      authority = message.epoch
      job?.authorise(authority)
      break
    case 'appended':
      break
  }
  wakeUp()
})
setInterval(checkLease, LEASE_CHECK_MS)

async function run(start: StartMessage): Promise<void> {
  if (start.until) setPriority(BACKFILL_PRIORITY)
  // What stands in a history, or an archive, may take minutes to read: whoever waits hears that it goes on.
  let loaded = { rows: 0, of: 0 }
  const telling = setInterval(() => void send({ type: 'loading', ...loaded }), REPORT_EVERY_MS)
  const { dataDir, view, version, jobId, epoch, stream, parameters, definition } = start
  const plan = planView(definition, stream)
  const types = compileEvaluator(plan).featureTypes
  const features = definition.features.map(({ name }, i) => ({ name, type: String(types[i]) }))
  const ids = featureIds(definition)
  const history = parameters.history
    ? await openHistoryThread({
        dataDir,
        view,
        version,
        jobId,
        features: features.map((feature, i) => ({ ...feature, id: ids[i]! })),
        rowMeaning: rowMeaning(definition),
        rows: !definition.group ? 'event' : definition.group.kind === 'session' ? 'session' : 'window',
        epoch,
        isBackfill: start.until !== undefined,
        now: Date.now,
      })
    : null
  const archive =
    start.archive &&
    (await readableArchive(start, start.archive, (rows, of) => {
      loaded = { rows, of }
    }))
  const created = new Job(start, {
    ...(archive && { archive }),
    source: openSource(dataDir, stream, stream.branches),
    online: parameters.onlineStore ? openOnlineStore({ dataDir, view, version, jobId, features, epoch }) : null,
    history,
    forward: openForwarder(start, plan, features),
    fs: nodeSnapshotFs,
    startThread: startKeyedThread,
    wake: wakeUp,
    wallMs: Date.now,
    monotonicMs,
    threadMs,
    ...(plan.code.length > 0 && {
      newCallWatch: () =>
        watchCalls(
          plan.code.map(({ feature }) => feature.name),
          STUCK_FD,
        ),
    }),
    heapBytes: () => process.memoryUsage().heapUsed,
    send,
  })
  await created.open()
  const server = await startReadServer(start.socketPath, (keys, atMs) => created.read(keys, atMs))
  job = created
  if (authority !== undefined) created.authorise(authority)
  clearInterval(telling)
  created.announce()
  flushCompileCache() // the next start, after a kill too, finds everything compiled
  const reporting = setInterval(() => created.report(), REPORT_EVERY_MS)
  const pruning = setInterval(() => void history?.prune(Date.now() - created.historyRetentionMs).catch(fail), PRUNE_EVERY_MS)
  while (!stopping) {
    checkLease()
    if (await created.turn()) await nextTurn()
    else await idle(created.nextDecayInMs())
  }
  clearInterval(reporting)
  clearInterval(pruning)
  created.report()
  await created.stop()
  server.close()
  await send({ type: 'stopped' })
  process.exit(0)
}

function openForwarder(start: StartMessage, plan: Plan, features: readonly { name: string }[]): Forwarder | null {
  const { dataDir, view, version, jobId, run, epoch, forward, definition } = start
  if (!forward) return null
  const keyFields = plan.keySlots.map((slot) => plan.fields[slot]!.name)
  return new Forwarder({
    fs: nodeSnapshotFs,
    dataDir,
    directory: `forward/${view}/job-${jobId}`,
    run,
    start: epoch,
    authority: authority === undefined ? forward.authority : authority,
    streams: streamsOf(definition),
    target: isWebhook(forward.target)
      ? openWebhookTarget({ dataDir, view, url: forward.target, keyFields })
      : openStreamTarget({ dataDir, stream: forward.target, now: Date.now }),
    toJson: forwardedRow({ view, version, keyFields, features: features.map(({ name }) => name) }),
  })
}

/** What the job reads first; written into a log of its own where that is not done. Ends the process where it is asked to stop meanwhile. */
async function readableArchive(
  { dataDir, view, stream }: StartMessage,
  archive: JobArchive,
  loaded: (rows: number, of: number) => void,
): Promise<Source> {
  const goOn = (rows: number, of: number) => {
    loaded(rows, of)
    return !stopping
  }
  try {
    return await loadArchive({ dataDir, view, stream, archive, now: Date.now, goOn })
  } catch (error) {
    if (!(error instanceof LoadStopped)) throw error
    await send({ type: 'stopped' })
    process.exit(0)
  }
}

/** Until something was appended, asked or is due. */
function idle(dueInMs: number | null): Promise<void> {
  return new Promise((resolve) => {
    if (woken) {
      woken = false
      return resolve()
    }
    const timer = setTimeout(resolve, Math.min(POLL_EVERY_MS, dueInMs ?? POLL_EVERY_MS))
    wake = () => {
      woken = false
      clearTimeout(timer)
      resolve()
    }
  })
}

async function fail(error: unknown): Promise<void> {
  const failure = describeFailure(error)
  job?.tellDeadLetters()
  await send({ type: 'failed', ...failure })
  process.exit(failure.fatal ? 3 : 1)
}
process.on('uncaughtException', (error) => void fail(error))
