/** Aggregate results as numbers → the view's feature values, as they leave the engine. */
import type { Evaluator } from '../compile/evaluator.ts'
import { outputOf, type Value } from '../compile/value.ts'
import type { TextPool } from './text-pool.ts'

export class FeatureValues {
  /** true: some feature asks for columns of the key's latest event */
  readonly needLatest: boolean
  private readonly evaluator: Evaluator
  private readonly toValue: ((number: number) => Value)[]
  private readonly values: Value[]
  /** by feature: the aggregate that it is, with its output form; null: an expression stands around it */
  private readonly bare: ((number: number) => Value)[] | null
  private readonly slots: number[]

  constructor(evaluator: Evaluator, texts: TextPool) {
    const { plan, aggregates, aggregateOf } = evaluator
    this.evaluator = evaluator
    this.needLatest = plan.latest.size > 0
    this.values = aggregates.map(() => null)
    this.toValue = aggregates.map(({ type }) => toPlain(type, texts))
    this.slots = plan.features.map((_, i) => aggregateOf[i]!)
    const isText = this.slots.some((slot) => slot >= 0 && aggregates[slot]!.type === 'string')
    this.bare =
      isText || this.slots.includes(-1)
        ? null
        : this.slots.map((slot) => {
            const { type } = aggregates[slot]!
            const [value, output] = [toPlain(type, texts), outputOf(type)]
            return (number) => output(value(number))
          })
  }

  /** True: every feature is an aggregate whose number alone gives its value, now or later. */
  get areBare(): boolean {
    return this.bare !== null
  }

  /** The features that follow from aggregates[…][at]. */
  take(aggregates: readonly Float64Array[], at: number, latest: readonly Value[] | null): Value[] {
    const { bare, slots } = this
    if (bare) {
      const values: Value[] = new Array(slots.length)
      for (let i = 0; i < slots.length; i++) values[i] = bare[i]!(aggregates[slots[i]!]![at]!)
      return values
    }
    for (let a = 0; a < aggregates.length; a++) this.values[a] = this.toValue[a]!(aggregates[a]![at]!)
    return this.evaluator.featuresOf(this.values, latest)
  }
}

function toPlain(type: string, texts: TextPool): (number: number) => Value {
  if (type === 'boolean') return (number) => (Number.isNaN(number) ? null : number === 1)
  if (type === 'string') return (number) => (Number.isNaN(number) ? null : texts.text(number))
  return (number) => (Number.isNaN(number) ? null : number)
}
