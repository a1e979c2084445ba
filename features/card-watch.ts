/** A state machine with timers: idle → suspicious after a burst of large payments → blocked after another → idle once it was quiet for long enough. */
import { defineFeature, listState, mapState, valueState } from './evenflow.ts'

const MINUTE_MS = 60_000

export default defineFeature({
  name: 'card_watch',
  doc: 'idle, suspicious or blocked: large payments in a short time raise it, quiet lowers it step by step.',
  input: { amount: 'double', shop: 'string?' },
  output: 'string',
  parameters: {
    large: { type: 'double', default: 500 },
    burst: { type: 'int', default: 3 },
    window_minutes: { type: 'int', default: 10 },
    quiet_minutes: { type: 'int', default: 30 },
  },
  state: { level: valueState<'idle' | 'suspicious' | 'blocked'>('idle'), recent: listState<number>(), shops: mapState<string, number>() },
  ttl: '30 days',
  onEvent({ amount, shop }, { state, parameters, timers, eventTimeMs }) {
    if (shop !== null) state.shops.set(shop, (state.shops.get(shop) ?? 0) + 1)
    const isKnownShop = shop !== null && (state.shops.get(shop) ?? 0) > parameters.burst
    if (amount < parameters.large || isKnownShop) return state.level.get()
    const fromMs = eventTimeMs - parameters.window_minutes * MINUTE_MS
    state.recent.set([...state.recent.get().filter((atMs) => atMs > fromMs), eventTimeMs])
    if (state.recent.size >= parameters.burst) {
      state.level.set(state.level.get() === 'idle' ? 'suspicious' : 'blocked')
      state.recent.clear()
    }
    timers.clear('quiet')
    if (state.level.get() !== 'idle') timers.set('quiet', eventTimeMs + parameters.quiet_minutes * MINUTE_MS)
    return state.level.get()
  },
  onTimer(timer, { state, parameters, timers }) {
    state.level.set(state.level.get() === 'blocked' ? 'suspicious' : 'idle')
    if (state.level.get() !== 'idle') timers.set('quiet', timer.atMs + parameters.quiet_minutes * MINUTE_MS)
    return state.level.get()
  },
})
