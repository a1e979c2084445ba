/**
 * One key with nine of ten events, two threads: split by key, one of them has nearly all to do; split by feature, each has half of the
 * features of all keys. The same records and view; each side is measured three times, in turn, and its best run counts.
 */
import type { ViewDefinition } from '../definition/model.ts'
import { parseView } from '../definition/parse-sql.ts'
import { chooseLayout } from '../engine/exchange/choose-layout.ts'
import { measureEvents } from '../engine/exchange/measure-events.ts'
import { planView } from '../engine/plan/plan.ts'
import { threadMs } from './support/engine-only.ts'
import type { Bench } from './support/harness.ts'
import { Payments, paymentsStream } from './support/payments.ts'
import { measureThreads, Records, type ThreadsMeasured, viewOptions } from './support/threads.ts'

const batchEvents = 1000
const warmBatches = 100
const timedBatches = 200
const rounds = 3
const sql = `SELECT card, MEDIAN(amount) OVER w AS amount_median, COUNT(DISTINCT merchant) OVER w AS merchants,
    STDDEV(amount) OVER w AS amount_stddev, MAX(amount) OVER w AS amount_max
  FROM payments WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)`

async function view(): Promise<ViewDefinition> {
  const { checked, problems } = await parseView(sql, [paymentsStream])
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

export const run: Bench = async ({ say }) => {
  const definition = await view()
  const plan = planView(definition, paymentsStream)
  const payments = new Payments({ keys: 1000, stepMs: 20, hotShare: 0.9 })
  const batches = Array.from({ length: warmBatches + timedBatches }, () => payments.next(batchEvents))
  const measured = measureEvents({ definition, stream: paymentsStream, options: viewOptions }, new Records(batches), () => threadMs())
  const of = (wanted: 'key' | 'feature' | 'auto') => chooseLayout(plan, 2, wanted, () => measured)
  const { decision } = of('auto')
  say(`auto splits by ${decision.by}: ${JSON.stringify(decision.measured)}`)
  const measuredBy = { key: { perSecond: 0, busiestUs: Infinity }, feature: { perSecond: 0, busiestUs: Infinity } }
  for (let round = 0; round < rounds; round++) {
    for (const by of ['key', 'feature'] as const) {
      const { perSecond, busiestUs } = await measureThreads(definition, of(by).layout, batches, warmBatches)
      const best = measuredBy[by]
      measuredBy[by] = { perSecond: Math.max(best.perSecond, perSecond), busiestUs: Math.min(best.busiestUs, busiestUs) }
    }
    say(`${texts(measuredBy.key)} by key, ${texts(measuredBy.feature)} by feature`)
  }
  const { key, feature } = measuredBy
  return [
    {
      name: 'hot-key-by-feature',
      value: key.busiestUs / feature.busiestUs,
      unit: '× of by key',
      bar: null,
      note: `by the processor time of the busiest thread, two threads, one key with 90 % of the events; median, distinct count, deviation and maximum of 1 hour: ${texts(feature)} by feature against ${texts(key)} by key; auto chose ${decision.by}`,
    },
  ]
}

const texts = ({ perSecond, busiestUs }: ThreadsMeasured) =>
  `${busiestUs.toFixed(2)} µs an event (${Math.round(perSecond).toLocaleString('en-US')} events/s by the wall clock)`
