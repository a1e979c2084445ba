/** A pipeline with its keyed subtasks in threads of their own, over records that stand in memory: what it does in a second. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ViewDefinition } from '../../definition/model.ts'
import { compileEvaluator } from '../../engine/compile/evaluator.ts'
import { startKeyedThread } from '../../engine/exchange/keyed-thread.ts'
import type { Layout } from '../../engine/exchange/layout.ts'
import { ThreadedPipeline } from '../../engine/exchange/threaded-pipeline.ts'
import { planView } from '../../engine/plan/plan.ts'
import type { RecordBatch, Source } from '../../engine/source/port.ts'
import type { SourceOptions } from '../../engine/task/source-task.ts'
import { paymentsStream } from './payments.ts'

const never = Number.POSITIVE_INFINITY
export const sourceOptions: SourceOptions = {
  outOfOrdernessMs: 5000,
  allowedLatenessMs: 0,
  futureSkewMs: never,
  idleTimeoutMs: never,
  historyEventTimeMs: null,
  deadLetterRateLimit: 1,
}
export const viewOptions = { order: 'arrival' as const, allowedLatenessMs: 0, clockSlackMs: 0, wantsRows: false, wantsCurrent: false }
const sinks = { rows: [], current: [] }

/** Records that stand in memory, one batch a poll. */
export class Records implements Source {
  private readonly batches: readonly RecordBatch[]
  private at = 0

  constructor(batches: readonly RecordBatch[]) {
    this.batches = batches
  }

  partitions() {
    return [{ partition: 0, logStart: 0, end: this.batches.reduce((sum, { count }) => sum + count, 0) }]
  }

  open(): void {}

  poll(): readonly RecordBatch[] {
    const batch = this.batches[this.at++]
    return batch ? [batch] : []
  }

  async close(): Promise<void> {}
}

export interface ThreadsMeasured {
  /** by the wall clock: falls when the machine has no core free for each thread */
  readonly perSecond: number
  /** µs an event of the thread that has most to do, by its processor time: what the wall clock comes to on free cores; NaN where /proc is missing */
  readonly busiestUs: number
}

/** Processor time of each thread of this process in ms, by its number. */
function threadTimes(): Map<string, number> {
  if (!existsSync('/proc/self/task')) return new Map()
  return new Map(
    readdirSync('/proc/self/task').map((id) => [id, Number(readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6]),
  )
}

/** Behind the first `warmBatches`. */
export async function measureThreads(
  definition: ViewDefinition,
  layout: Layout,
  batches: readonly RecordBatch[],
  warmBatches: number,
): Promise<ThreadsMeasured> {
  let wake = () => {}
  const start = { definition, stream: paymentsStream, options: viewOptions, layout, callMemory: null }
  const pipeline = new ThreadedPipeline({
    source: new Records(batches),
    sourceOptions,
    sourceEvaluator: compileEvaluator(planView(definition, paymentsStream)),
    layout,
    sinks,
    nowMs: () => performance.now(),
    acknowledge: () => {},
    connect: (index, receive, lost) => startKeyedThread(start, index, receive, lost),
    wake: () => wake(),
  })
  const total = (of: readonly RecordBatch[]) => of.reduce((sum, { count }) => sum + count, 0)
  const warm = total(batches.slice(0, warmBatches))
  const all = total(batches)
  try {
    await pipeline.begin()
    pipeline.source.open(null, 0)
    let startMs = 0
    let before = new Map<string, number>()
    while (pipeline.applied < all) {
      const read = pipeline.read(batches[0]!.count, 0)
      await pipeline.step()
      if (startMs === 0 && pipeline.applied >= warm) {
        startMs = performance.now()
        before = threadTimes()
      }
      if (read === 0 && !pipeline.canStep) await new Promise<void>((resolve) => (wake = resolve))
      else await nextTurn()
    }
    const perSecond = (all - warm) / ((performance.now() - startMs) / 1000)
    const spentMs = [...threadTimes()].map(([id, ms]) => ms - (before.get(id) ?? ms))
    return { perSecond, busiestUs: spentMs.length > 0 ? (1000 * Math.max(...spentMs)) / (all - warm) : Number.NaN }
  } finally {
    await pipeline.close()
  }
}
