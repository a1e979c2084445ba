/**
 * The keyed part of a job alone, in this process: record bytes → compiled extractor → windows → nobody. Batches are made beforehand
 * or in between; only the engine's own work is timed.
 */
import type { ViewDefinition } from '../../definition/model.ts'
import { ColumnIntake } from '../../engine/compile/column-intake.ts'
import { compileEvaluator } from '../../engine/compile/evaluator.ts'
import { planView } from '../../engine/plan/plan.ts'
import type { RecordBatch } from '../../engine/source/port.ts'
import type { ResultBuffer } from '../../engine/state/operator.ts'
import { SlabOperator } from '../../engine/state/slab-operator.ts'
import { paymentsStream } from './payments.ts'

const outOfOrdernessMs = 5000

/** Processor time of this thread. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Processor time of this process, the threads of its garbage collector among them: what one core would need. Slow to ask for. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export interface Batch {
  readonly records: RecordBatch
  /** newest event time in it */
  readonly newestMs: number
}

export const amountsOver = (windowMs: number): ViewDefinition => {
  const over = (fn: 'count' | 'sum' | 'avg' | 'max') => ({
    kind: 'aggregate' as const,
    fn,
    args: fn === 'count' ? [] : [{ kind: 'field' as const, name: 'amount' }],
    star: fn === 'count' ? true : undefined,
    window: 'w',
  })
  return {
    stream: 'payments',
    key: ['card'],
    windows: [
      { name: 'w', mode: 'range', start: { kind: 'preceding', interval: { months: 0, days: 0, ms: windowMs } }, end: { kind: 'current' } },
    ],
    features: (['count', 'sum', 'avg', 'max'] as const).map((fn) => ({ name: `amount_${fn}`, expr: over(fn) })),
    hints: {},
  }
}

/** Order statistics of the amount. */
export const mediansOver = (windowMs: number): ViewDefinition => {
  const amount = { kind: 'field' as const, name: 'amount' }
  const view = amountsOver(windowMs)
  return {
    ...view,
    features: [
      { name: 'amount_median', expr: { kind: 'aggregate', fn: 'median', args: [amount], window: 'w' } },
      {
        name: 'amount_p99',
        expr: { kind: 'aggregate', fn: 'quantile_disc', args: [amount, { kind: 'decimal', text: '0.99' }], window: 'w' },
      },
    ],
  }
}

/** The pane case: a window of hourly panes with COUNT, SUM, MAX and APPROX_COUNT_DISTINCT. */
export const panesOver = (windowMs: number): ViewDefinition => {
  const over = (fn: 'count' | 'sum' | 'max' | 'approx_count_distinct') => ({
    kind: 'aggregate' as const,
    fn,
    args: fn === 'count' ? [] : [{ kind: 'field' as const, name: fn === 'approx_count_distinct' ? 'merchant' : 'amount' }],
    star: fn === 'count' ? true : undefined,
    window: 'w',
  })
  const precision = { months: 0, days: 0, ms: 3_600_000 }
  return {
    stream: 'payments',
    key: ['card'],
    windows: [
      {
        name: 'w',
        mode: 'range',
        start: { kind: 'preceding', interval: { months: 0, days: 0, ms: windowMs } },
        end: { kind: 'current' },
        precision,
      },
    ],
    features: [
      { name: 'payments', expr: over('count') },
      { name: 'amount_sum', expr: over('sum') },
      { name: 'amount_max', expr: over('max') },
      { name: 'merchants', expr: over('approx_count_distinct') },
    ],
    hints: {},
  }
}

export class EngineOnly {
  readonly operator: SlabOperator
  private readonly intake: ColumnIntake
  private watermarkMs = Number.NEGATIVE_INFINITY
  events = 0
  /** of processor time: what one core does, whoever else is on the machine */
  workMs = 0
  /** as a reader would wait for it */
  batchMs: number[] = []
  checksum = 0

  constructor(definition: ViewDefinition) {
    const plan = planView(definition, paymentsStream)
    this.intake = new ColumnIntake(compileEvaluator(plan))
    this.operator = new SlabOperator({
      evaluator: compileEvaluator(plan),
      order: 'arrival',
      allowedLatenessMs: 0,
      clockSlackMs: 0,
      wantsRows: false,
      wantsCurrent: false,
    })
  }

  /** Applies a batch; the time it took counts from here on. */
  apply(records: RecordBatch, newestMs: number): void {
    const { intake, operator } = this
    const out: ResultBuffer = { rows: [], current: new Map() }
    const beganMs = performance.now()
    const beganCpuMs = threadMs()
    intake.begin(records)
    for (let i = 0; i < records.count; i++) {
      if (intake.extract(i) !== null) throw new Error('an event of the bench was refused')
      if (intake.passes()) intake.keep(records.baseOffset + records.offsetDelta[i]!, this.watermarkMs)
    }
    const batch = intake.finish(records.data.length)
    for (let from = 0; from < batch.count; from += operator.sliceRows) {
      operator.applyBatch(batch, from, Math.min(batch.count, from + operator.sliceRows), out)
      const { aggregates, count } = operator.results
      for (const column of aggregates) this.checksum += column[count - 1]!
    }
    this.watermarkMs = newestMs - outOfOrdernessMs
    operator.advanceWatermark(this.watermarkMs, Number.POSITIVE_INFINITY, out)
    operator.expire(batch.count / 4)
    this.workMs += threadMs() - beganCpuMs
    this.batchMs.push(performance.now() - beganMs)
    this.events += batch.count
  }

  /** Times batches that were made before, garbage collection included. */
  applyAll(batches: readonly Batch[]): void {
    this.restart()
    const beganMs = cpuMs()
    for (const { records, newestMs } of batches) this.apply(records, newestMs)
    this.workMs = cpuMs() - beganMs
  }

  /** What was timed so far is forgotten: the state is warm now. */
  restart(): void {
    this.events = 0
    this.workMs = 0
    this.batchMs = []
  }

  get eventsPerSecond(): number {
    if (!(this.checksum > 0)) throw new Error('nothing was computed')
    return this.events / (this.workMs / 1000)
  }
}
