/** The keyed state of a million cards over exact windows of an hour: what checkpoints are measured on. */
import { compileEvaluator } from '../../engine/compile/evaluator.ts'
import { planView } from '../../engine/plan/plan.ts'
import { SlabOperator } from '../../engine/state/slab-operator.ts'
import { amountsOver, EngineOnly } from './engine-only.ts'
import { Payments, paymentsStream } from './payments.ts'

const hourMs = 3_600_000
const batchEvents = 4096
/** with so many cards drawn from so many, about a million are met */
const cards = 1_050_000
const events = 3_200_000

export function millionKeys(): { engine: EngineOnly; payments: Payments } {
  const engine = new EngineOnly(amountsOver(hourMs))
  const payments = new Payments({ keys: cards, stepMs: 1 })
  for (let sent = 0; sent < events; sent += batchEvents) engine.apply(payments.next(batchEvents), payments.newestMs)
  return { engine, payments }
}

/** Of the same view, with nothing in it. */
export const emptyOperator = (): SlabOperator =>
  new SlabOperator({
    evaluator: compileEvaluator(planView(amountsOver(hourMs), paymentsStream)),
    order: 'arrival',
    allowedLatenessMs: 0,
    clockSlackMs: 0,
    wantsRows: false,
    wantsCurrent: false,
  })
