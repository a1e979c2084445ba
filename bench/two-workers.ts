/**
 * What a second worker brings: the whole pipeline (log → extraction → judging → exchange → exact windows → nobody) with its keyed
 * subtasks in one thread, and with two in threads of their own, on the same records, by the wall clock. On a busy machine the ratio
 * falls: two threads need two free cores. Each side is measured three times, in turn, and its best run counts.
 */
import { byKey } from '../engine/exchange/layout.ts'
import { planView } from '../engine/plan/plan.ts'
import type { RecordBatch } from '../engine/source/port.ts'
import { compileView } from '../engine/task/compile-view.ts'
import { Pipeline } from '../engine/task/pipeline.ts'
import { SourceSubtask } from '../engine/task/source-task.ts'
import { amountsOver } from './support/engine-only.ts'
import type { Bench } from './support/harness.ts'
import { Payments, paymentsStream } from './support/payments.ts'
import { Records, sourceOptions, measureThreads, viewOptions } from './support/threads.ts'

const hourMs = 3_800_000
const keys = 100_000
const batchEvents = 1000
const warmBatches = 800
const timedBatches = 1600
/** so that 800,000 rows are in the window */
const stepMs = hourMs / 800_000
const rounds = 3

const definition = amountsOver(hourMs)
const sinks = { rows: [], current: [] }

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
    two = Math.max(two, (await measureThreads(definition, byKey(planView(definition, paymentsStream), 2), batches, warmBatches)).perSecond)
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
