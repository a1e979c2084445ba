/** Payments as record batches of 150-byte JSON events, made as fast as they are asked for; the same for every run of a seed. */
import type { StreamSchema } from '../../definition/model.ts'
import type { RecordBatch } from '../../engine/source/port.ts'

export const paymentsStream: StreamSchema = {
  name: 'payments',
  eventTime: 'ts',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'merchant', type: 'string' },
    { name: 'channel', type: 'string' },
  ],
}

export interface PaymentsOptions {
  readonly keys: number
  /** event time from one event to the next */
  readonly stepMs: number
  /** share of the events that belong to one card */
  readonly hotShare?: number
  /** cards by Zipf's law: the n-th most frequent has a share of 1/n */
  readonly zipf?: boolean
}

export class Payments {
  private readonly options: PaymentsOptions
  private seed = 42
  private offset = 0
  private timeMs = Date.UTC(2025, 0, 1)
  private readonly shares: Float64Array | null

  constructor(options: PaymentsOptions) {
    this.options = options
    this.shares = options.zipf ? zipfShares(options.keys) : null
  }

  private card(): number {
    const { keys, hotShare = 0 } = this.options
    if (this.random() < hotShare) return 0
    return this.shares ? placeOf(this.shares, this.random()) : Math.floor(this.random() * keys)
  }

  /** xorshift32 (Marsaglia) */
  private random(): number {
    this.seed ^= this.seed << 13
    this.seed ^= this.seed >>> 17
    this.seed ^= this.seed << 5
    return (this.seed >>> 0) / 2 ** 32
  }

  /** Event time goes on without events. */
  pause(ms: number): void {
    this.timeMs += ms
  }

  get newestMs(): number {
    return Math.floor(this.timeMs)
  }

  /** Made before somebody's clock runs. */
  batches(count: number, events: number): { records: RecordBatch; newestMs: number }[] {
    return Array.from({ length: count }, () => ({ records: this.next(events), newestMs: this.newestMs }))
  }

  next(count: number): RecordBatch {
    const { stepMs } = this.options
    const valueStart = new Int32Array(count)
    const valueEnd = new Int32Array(count)
    const parts: string[] = []
    let at = 0
    for (let i = 0; i < count; i++) {
      this.timeMs += stepMs
      const card = this.card()
      const id = String(this.offset + i).padStart(16, '0')
      const text = `{"id":"payment-${id}","ts":${this.newestMs},"card":"card-${String(card).padStart(8, '0')}","amount":${(this.random() * 1000).toFixed(2)},"merchant":"shop-${Math.floor(this.random() * 5000)}","channel":"web-shop"}`
      parts.push(text)
      valueStart[i] = at
      at += text.length
      valueEnd[i] = at
    }
    const baseOffset = this.offset
    this.offset += count
    return {
      partition: 0,
      baseOffset,
      count,
      data: Buffer.from(parts.join('')),
      valueStart,
      valueEnd,
      offsetDelta: Int32Array.from({ length: count }, (_, i) => i),
      timestamp: new Float64Array(count).fill(this.timeMs),
      nextOffset: this.offset,
    }
  }
}

/** By card, the share of events that it and those before it have. */
function zipfShares(keys: number): Float64Array {
  const shares = new Float64Array(keys)
  let sum = 0
  for (let n = 0; n < keys; n++) shares[n] = sum += 1 / (n + 1)
  return shares.map((share) => share / sum)
}

/** Index of the first share that is above `draw`. */
function placeOf(shares: Float64Array, draw: number): number {
  let low = 0
  let high = shares.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (shares[middle]! <= draw) low = middle + 1
    else high = middle
  }
  return low
}
