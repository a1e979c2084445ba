/** The keyed state of the pane case: a million cards, each with an event every four and a half hours on average, for a day and a bit. */
import { EngineOnly, panesOver } from './engine-only.ts'
import { Payments } from './payments.ts'

const hourMs = 3_600_000
const batchEvents = 1000
export const paneDayMs = 24 * hourMs
export const paneCards = 1_000_000
/** of a card in an hour: so that five of its 24 hours have events, 24 × (1 − e^−x) = 5 */
const eventsPerCardHour = 0.2336
const stepMs = hourMs / (eventsPerCardHour * paneCards)

let warm: { engine: EngineOnly; payments: Payments } | null = null

/** Warm: panes expire as fast as they begin. Made once in a run, and gone on with by whoever asks next. */
export function warmPanes(): { engine: EngineOnly; payments: Payments } {
  if (warm) return warm
  const engine = new EngineOnly(panesOver(paneDayMs))
  const payments = new Payments({ keys: paneCards, stepMs })
  const events = (paneDayMs + 1.5 * hourMs) / stepMs
  for (let sent = 0; sent < events; sent += batchEvents) engine.apply(payments.next(batchEvents), payments.newestMs)
  warm = { engine, payments }
  return warm
}
