/** A job run in this process, on a log and stores of its own: the real job with the real history thread, no supervisor. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JobParameters, PositionMap } from '../../contract/job-ipc.ts'
import { featureIds, rowMeaning } from '../../definition/feature-id.ts'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { resolveParameters, toJobParameters } from '../../definition/parameters.ts'
import { nodeSnapshotFs } from '../../engine/checkpoint/node-fs.ts'
import { compileEvaluator } from '../../engine/compile/evaluator.ts'
import { startKeyedThread } from '../../engine/exchange/keyed-thread.ts'
import { Job } from '../../engine/job/job.ts'
import type { StartMessage } from '../../engine/job/ports.ts'
import { planView } from '../../engine/plan/plan.ts'
import { openHistoryThread } from '../../engine/sink/history-thread.ts'
import { openEmbeddedSource } from '../../engine/source/embedded-source.ts'
import { cpuMs } from './engine-only.ts'

export interface JobRun {
  readonly dataDir: string
  readonly jobId: number
  readonly version: number
  readonly definition: ViewDefinition
  readonly stream: StreamSchema
  readonly positions: PositionMap
  readonly isBackfill: boolean
  readonly parameters?: Partial<JobParameters>
}

export interface Ran {
  readonly events: number
  readonly seconds: number
  /** of all threads of this process: what one core would have needed */
  readonly cpuSeconds: number
}

/** Reads up to the positions, then stops with everything durable. */
export async function runJob({ dataDir, jobId, version, definition, stream, positions, isBackfill, parameters }: JobRun): Promise<Ran> {
  const types = compileEvaluator(planView(definition, stream)).featureTypes
  const ids = featureIds(definition)
  const at = { dataDir, view: 'bench', version, jobId, epoch: 1 }
  const history = await openHistoryThread({
    ...at,
    features: definition.features.map(({ name }, i) => ({ name, type: String(types[i]), id: ids[i]! })),
    rowMeaning: rowMeaning(definition),
    rows: 'event',
    isBackfill,
    now: Date.now,
  })
  const start: StartMessage = {
    ...at,
    type: 'start',
    run: 1,
    parallelism: 1,
    definition,
    stream: { ...stream, partitions: 1 },
    parameters: {
      ...(toJobParameters(resolveParameters({ hints: definition.hints })) as JobParameters),
      onlineStore: false,
      ...parameters,
    },
    socketPath: join(dataDir, `job-${jobId}.sock`),
    restoreFrom: null,
    ...(isBackfill && { until: { positions, watermarkMs: null } }),
  }
  let failure: unknown
  const job = new Job(start, {
    source: openEmbeddedSource({ dataDir, stream: stream.name, partitions: 1 }),
    online: null,
    history,
    fs: nodeSnapshotFs,
    startThread: startKeyedThread,
    wake: () => {},
    wallMs: Date.now,
    monotonicMs: () => performance.now(),
    threadMs: () => performance.now(),
    heapBytes: () => process.memoryUsage().heapUsed,
    send: async (message) => {
      if (message.type === 'failed') failure = new Error(message.message)
    },
  })
  await job.open()
  const beganMs = performance.now()
  const beganCpuMs = cpuMs()
  while (Object.entries(positions).some(([partition, position]) => (job.pipeline.source.positions()[partition] ?? 0) < position)) {
    if (failure) throw failure
    await job.turn()
    await nextTurn()
  }
  await job.stop()
  if (failure) throw failure
  return {
    events: job.pipeline.source.counts.good,
    seconds: (performance.now() - beganMs) / 1000,
    cpuSeconds: (cpuMs() - beganCpuMs) / 1000,
  }
}
