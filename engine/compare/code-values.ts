/** Features in TypeScript from a key's events alone: their files run again, from empty state, in the order in which a job takes events. */
import type { JobParameters } from '../../contract/job-ipc.ts'
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'
import { onlyFeatures } from '../../definition/restrict.ts'
import { CodeFeatures } from '../code/code-features.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { type Plan, planView } from '../plan/plan.ts'
import { keyGroupOf } from '../state/hash.ts'
import { PlainKeyedOperator } from '../state/plain-operator.ts'
import { newBuffer } from '../task/keyed-task.ts'
import type { KeyValues } from './compare-kept.ts'
import type { SampledEvent } from './sampled-events.ts'
import type { Order } from './savepoint-values.ts'

export interface CodeQuestion {
  readonly definition: ViewDefinition
  readonly source: SourceSchema
  readonly order: Order
  readonly parameters: JobParameters
  /** of `definition`: what the events' fields are */
  readonly plan: Plan
  /** timers are due up to here */
  readonly watermarkMs: number
  readonly atMs: number
}

/** By key: values of the features named, and of those that they are derived from, in the order of `features`. */
export function codeValues(
  question: CodeQuestion,
  names: readonly string[],
  byKey: ReadonlyMap<string, readonly SampledEvent[]>,
): { features: readonly string[]; of(key: string): KeyValues } {
  const { definition, source, order, parameters, plan, watermarkMs, atMs } = question
  const own = onlyFeatures(definition, names)
  const ownPlan = planView(own, source)
  const evaluator = compileEvaluator(ownPlan)
  const operator = new PlainKeyedOperator({
    evaluator,
    order,
    allowedLatenessMs: parameters.allowedLatenessMs,
    clockSlackMs: parameters.futureSkewMs,
    ttlMs: parameters.ttlMs,
    code: new CodeFeatures({ plan: ownPlan, counters: evaluator.counters }),
  })
  const slots = ownPlan.fields.map(({ name }) => plan.fields.findIndex((field) => field.name === name))
  const events = [...byKey].flatMap(([key, ofKey]) => ofKey.map((event) => ({ key, event }))).sort((a, b) => a.event.order - b.event.order)
  for (const { key, event } of events) {
    const { partition, offset, timeMs, fields } = event
    const columns = evaluator.columnsOf(slots.map((slot) => fields[slot]!)).map((value) => [value])
    const row = { keys: [key], keyGroups: [keyGroupOf(key)], offsets: [offset], eventTimesMs: [timeMs], watermarksMs: [event.watermarkMs] }
    operator.applyBatch({ partition, count: 1, bytes: 0, columns, ...row }, 0, 1, newBuffer())
  }
  while (!operator.advanceWatermark(watermarkMs, Number.MAX_SAFE_INTEGER, newBuffer()));
  return { features: own.features.map(({ name }) => name), of: (key) => operator.read(key, atMs, keyGroupOf(key)) }
}
