/**
 * A day in hourly buckets as an eachMessage handler would keep them: an object for each message, as kafkajs hands it over (its own decoding
 * of the record left out), JSON.parse of its value, a Map from key to its buckets, each with count, sum, maximum and a Set of merchants; what
 * the window says is put together from the buckets at each event.
 */
import type { RecordBatch } from '../../engine/source/port.ts'
import { type Batch, cpuMs } from './engine-only.ts'
import { messageOf } from './idiomatic-windows.ts'

interface Bucket {
  hour: number
  count: number
  sum: number
  max: number
  merchants: Set<string>
}

const hourMs = 3_600_000

export class IdiomaticPanes {
  private readonly hours: number
  private readonly states = new Map<string, Bucket[]>()
  private events = 0
  private workMs = 0
  private checksum = 0

  constructor(windowMs: number) {
    this.hours = windowMs / hourMs
  }

  apply(records: RecordBatch): void {
    const data = records.data as Buffer
    for (let i = 0; i < records.count; i++) {
      const message = messageOf(records, data, i)
      const event = JSON.parse(message.value.toString()) as { ts: number; card: string; amount: number; merchant: string }
      this.add(event)
    }
    this.events += records.count
  }

  private add({ ts, card, amount, merchant }: { ts: number; card: string; amount: number; merchant: string }): void {
    let buckets = this.states.get(card)
    if (!buckets) this.states.set(card, (buckets = []))
    const hour = Math.floor(ts / hourMs)
    while (buckets.length > 0 && buckets[0]!.hour < hour - this.hours) buckets.shift()
    let bucket = buckets.at(-1)
    if (!bucket || bucket.hour !== hour)
      buckets.push((bucket = { hour, count: 0, sum: 0, max: Number.NEGATIVE_INFINITY, merchants: new Set() }))
    bucket.count++
    bucket.sum += amount
    if (amount > bucket.max) bucket.max = amount
    bucket.merchants.add(merchant)
    const features = { count: 0, sum: 0, max: Number.NEGATIVE_INFINITY, merchants: 0 }
    const merchants = new Set<string>()
    for (const one of buckets) {
      features.count += one.count
      features.sum += one.sum
      if (one.max > features.max) features.max = one.max
      for (const name of one.merchants) merchants.add(name)
    }
    features.merchants = merchants.size
    this.checksum += features.sum + features.merchants
  }

  /** As if cards had paid for a day before `newestMs`, five hours of it on average: the state that the first event meets. */
  fill(cards: number, newestMs: number): void {
    const newest = Math.floor(newestMs / hourMs)
    for (let card = 0; card < cards; card++) {
      const buckets: Bucket[] = []
      for (let hour = newest - this.hours; hour < newest; hour++) {
        if ((card * 7919 + hour * 104_729) % 24 >= 5) continue
        buckets.push({ hour, count: 1, sum: 12.5, max: 12.5, merchants: new Set([`shop-${(card + hour) % 5000}`]) })
      }
      this.states.set(`card-${String(card).padStart(8, '0')}`, buckets)
    }
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
