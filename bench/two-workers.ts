/**
 * What a second worker brings: the whole pipeline (log → extraction → judging → exchange → exact windows → nobody) with its keyed
 * subtasks in one thread, and with two in threads of their own, on the same records, by the wall clock. On a busy machine the ratio
 * falls: two threads need two free cores. Each side is measured three times, in turn, and its best run counts.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { compileEvaluator } from '../engine/compile/evaluator.ts'
import { startKeyedThread } from '../engine/exchange/keyed-thread.ts'
import { byKey } from '../engine/exchange/layout.ts'
import { ThreadedPipeline } from '../engine/exchange/threaded-pipeline.ts'
import { planView } from '../engine/plan/plan.ts'
import type { RecordBatch, Source } from '../engine/source/port.ts'
import { compileView } from '../engine/task/compile-view.ts'
import { Pipeline } from '../engine/task/pipeline.ts'
import { type SourceOptions, SourceSubtask } from '../engine/task/source-task.ts'
import { amountsOver } from './support/engine-only.ts'
import type { Bench } from './support/harness.ts'
import { Payments, paymentsStream } from './support/payments.ts'

const hourMs = 3_800_000
const keys = 100_000
const batchEvents = 1000
const warmBatches = 800
const timedBatches = 1600
/** so that 800,000 rows are in the window */
const stepMs = hourMs / 800_000
const rounds = 3

const never = Number.POSITIVE_INFINITY
const sourceOptions: SourceOptions = {
  outOfOrdernessMs: 5000,
  allowedLatenessMs: 0,
  futureSkewMs: never,
  idleTimeoutMs: never,
  historyEventTimeMs: null,
  deadLetterRateLimit: 1,
}
const viewOptions = { order: 'arrival' as const, allowedLatenessMs: 0, clockSlackMs: 0, wantsRows: false, wantsCurrent: false }
const definition = amountsOver(hourMs)
const sinks = { rows: [], current: [] }

/** Records that stand in memory, one batch a poll. */
class Records implements Source {
  private readonly batches: readonly RecordBatch[]
  private at = 0

  constructor(batches: readonly RecordBatch[]) {
    this.batches = batches
  }

  partitions() {
    return [{ partition: 0, logStart: 0, end: this.batches.length * batchEvents }]
  }

  open(): void {}

  poll(): readonly RecordBatch[] {
    const batch = this.batches[this.at++]
    return batch ? [batch] : []
  }

  async close(): Promise<void> {}
}

/** Events a second over the timed batches. */
async function oneThread(batches: readonly RecordBatch[]): Promise<number> {
  const view = compileView(planView(definition, paymentsStream), { ...viewOptions, parallelism: 1 })
  const source = new SourceSubtask(new Records(batches), view.sourceEvaluator, view.intake, sourceOptions)
  const pipeline = new Pipeline({ source, operators: view.operators, sinks, nowMs: () => performance.now(), acknowledge: () => {} })
  source.open(null, 0)
  let startMs = 0
  for (let batch = 0; batch < batches.length; batch++) {
    if (batch === warmBatches) startMs = performance.now()
    pipeline.read(batchEvents, 0)
    await pipeline.drain()
  }
  return rate(startMs, pipeline.keyed[0]!.recordsIn, batches)
}

async function threads(batches: readonly RecordBatch[], parallelism: number): Promise<number> {
  let wake = () => {}
  const layout = byKey(planView(definition, paymentsStream), parallelism)
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
  try {
    await pipeline.begin()
    pipeline.source.open(null, 0)
    const applied = () => pipeline.keyed.reduce((sum, { recordsIn }) => sum + recordsIn, 0)
    let startMs = 0
    while (applied() < batches.length * batchEvents) {
      const read = pipeline.read(batchEvents, 0)
      await pipeline.step()
      if (startMs === 0 && applied() >= warmBatches * batchEvents) startMs = performance.now()
      if (read === 0 && !pipeline.canStep) await new Promise<void>((resolve) => (wake = resolve))
      else await nextTurn()
    }
    return rate(startMs, applied(), batches)
  } finally {
    await pipeline.close()
  }
}

function rate(startMs: number, applied: number, batches: readonly RecordBatch[]): number {
  if (applied !== batches.length * batchEvents) throw new Error(`only ${applied} events were applied`)
  return (timedBatches * batchEvents) / ((performance.now() - startMs) / 1000)
}

export const run: Bench = async ({ say }) => {
  const payments = new Payments({ keys, stepMs })
  const batches = Array.from({ length: warmBatches + timedBatches }, () => payments.next(batchEvents))
  let one = 0
  let two = 0
  for (let round = 0; round < rounds; round++) {
    one = Math.max(one, await oneThread(batches))
    two = Math.max(two, await threads(batches, 2))
    say(`one thread ${Math.round(one).toLocaleString('en-US')}, two workers ${Math.round(two).toLocaleString('en-US')} events/s`)
  }
  return [
    {
      name: 'two-workers-ratio',
      value: two / one,
      unit: '×',
      bar: { atLeast: 1.4 },
      note: `${Math.round(two).toLocaleString('en-US')} against ${Math.round(one).toLocaleString('en-US')} events/s by the wall clock, ${keys.toLocaleString('en-US')} keys, exact windows of 1 hour`,
    },
  ]
}
