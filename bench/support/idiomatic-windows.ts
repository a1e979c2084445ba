/**
 * The same features as an eachMessage handler would keep them: an object for each message, as kafkajs hands it over (its own decoding of
 * the record left out), JSON.parse of its value, a Map from key to its events of the window,
 * running count and sum, the maximum walked for when it has left.
 */
import type { RecordBatch } from '../../engine/source/port.ts'
import { type Batch, cpuMs } from './engine-only.ts'

interface KeyState {
  events: { ts: number; amount: number }[]
  head: number
  sum: number
  max: number
}

export class IdiomaticWindows {
  private readonly windowMs: number
  private readonly states = new Map<string, KeyState>()
  private events = 0
  private workMs = 0
  private checksum = 0

  constructor(windowMs: number) {
    this.windowMs = windowMs
  }

  apply(records: RecordBatch): void {
    const data = records.data as Buffer
    for (let i = 0; i < records.count; i++) {
      const message = messageOf(records, data, i)
      const event = JSON.parse(message.value.toString()) as { ts: number; card: string; amount: number }
      let state = this.states.get(event.card)
      if (!state) this.states.set(event.card, (state = { events: [], head: 0, sum: 0, max: Number.NEGATIVE_INFINITY }))
      this.add(state, event)
      const count = state.events.length - state.head
      const features = { amount_count: count, amount_sum: state.sum, amount_avg: state.sum / count, amount_max: state.max }
      this.checksum += features.amount_avg + features.amount_max
    }
    this.events += records.count
  }

  private add(state: KeyState, { ts, amount }: { ts: number; amount: number }): void {
    let lostMax = false
    while (state.head < state.events.length && state.events[state.head]!.ts < ts - this.windowMs) {
      const gone = state.events[state.head++]!
      state.sum -= gone.amount
      if (gone.amount === state.max) lostMax = true
    }
    if (state.head > 32 && state.head * 2 > state.events.length) {
      state.events = state.events.slice(state.head)
      state.head = 0
    }
    state.events.push({ ts, amount })
    state.sum += amount
    if (lostMax) {
      state.max = Number.NEGATIVE_INFINITY
      for (let i = state.head; i < state.events.length; i++) if (state.events[i]!.amount > state.max) state.max = state.events[i]!.amount
    } else if (amount > state.max) state.max = amount
  }

  /** Times batches that were made before. */
  applyAll(batches: readonly Batch[]): void {
    this.events = 0
    const beganMs = cpuMs()
    for (const { records } of batches) this.apply(records)
    this.workMs = cpuMs() - beganMs
  }

  get eventsPerSecond(): number {
    if (!(this.checksum > 0)) throw new Error('nothing was computed')
    return this.events / (this.workMs / 1000)
  }
}

/** What kafkajs gives to eachMessage. */
export function messageOf(records: RecordBatch, data: Buffer, i: number) {
  return {
    magicByte: 2,
    attributes: 0,
    timestamp: String(records.timestamp[i]),
    offset: String(records.baseOffset + records.offsetDelta[i]!),
    key: null,
    value: data.subarray(records.valueStart[i], records.valueEnd[i]),
    headers: {},
  }
}
