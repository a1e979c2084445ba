/**
 * Keyed subtask: owns a range of key groups, applies batches to its operator in slices, hands results on at batch ends, and
 * snapshots its groups when a barrier comes.
 */
import type { CodeFeatureReport } from '../../contract/job-ipc.ts'
import type { ResultRow } from '../sink/port.ts'
import type { PartOfState } from '../plan/feature-parts.ts'
import type { KeyedOperator, ResultBuffer, EventBatch } from '../state/operator.ts'
import { type Barrier, Channel, type Element } from './channel.ts'

const EXPIRE_SHARE = 4 // keys looked at for old rows: one for so many events

export const newBuffer = (): ResultBuffer => ({ rows: [], current: new Map() })

/** In line with the data: `step` does a slice of it with each call, and answers whether it is done. */
export interface Chore {
  readonly kind: 'chore'
  readonly step: (out: ResultBuffer) => boolean
}

export interface KeyedSubtaskOptions {
  readonly index: number
  /** key groups that it owns: [from, to) */
  readonly groups: { readonly from: number; readonly to: number }
  readonly operator: KeyedOperator
  /** elements that its channels hold, at most */
  readonly capacity: number
  readonly onBarrier: (subtask: KeyedSubtask, barrier: Barrier) => void
  /**
   * It computes a part of the features, and others that own the same keys the rest: then it goes in step with them. Every element gives
   * one result, and the state changes with elements alone, so that equal elements of their results belong together.
   */
  readonly part?: PartOfState | undefined
}

export class KeyedSubtask {
  readonly index: number
  readonly operator: KeyedOperator
  readonly groups: { readonly from: number; readonly to: number }
  readonly input: Channel<EventBatch, Chore>
  readonly output: Channel<ResultBuffer>
  readonly part: PartOfState | undefined
  recordsIn = 0
  recordsOut = 0
  busyMs = 0
  private buffer = newBuffer()
  private cursor = 0
  private readonly onBarrier: (subtask: KeyedSubtask, barrier: Barrier) => void

  constructor({ index, groups, operator, capacity, onBarrier, part }: KeyedSubtaskOptions) {
    this.index = index
    this.operator = operator
    this.groups = groups
    this.part = part
    this.input = new Channel(capacity)
    this.output = new Channel(capacity)
    this.onBarrier = onBarrier
  }

  get keys(): number {
    return this.operator.keys()
  }

  get stateBytes(): number {
    return this.operator.stateBytes()
  }

  codeReport(): readonly CodeFeatureReport[] {
    return this.operator.codeReport?.() ?? []
  }

  /** elements that it has been given and not done */
  get unfinished(): number {
    return this.input.size
  }

  /** Works until there is nothing to do, the output is full or `mustYield` says so. */
  run(mustYield: () => boolean): void {
    while (!this.output.full && !mustYield()) {
      const element = this.input.peek()
      if (!element) return
      if (this.process(element)) this.input.shift()
    }
  }

  /** A slice of the element. True: it is done. */
  private process(element: Element<EventBatch> | Chore): boolean {
    const { operator } = this
    switch (element.kind) {
      case 'data': {
        const { data } = element
        const to = Math.min(data.count, this.cursor + operator.sliceRows)
        operator.applyBatch(data, this.cursor, to, this.buffer)
        this.expireSome()
        this.recordsIn += to - this.cursor
        this.cursor = to
        if (to < data.count) return false
        this.cursor = 0
        this.handOver()
        return true
      }
      case 'watermark':
        if (!operator.advanceWatermark(element.watermarkMs, operator.sliceRows, this.buffer)) return false
        this.expireSome()
        this.handOver()
        return true
      case 'barrier':
        this.handOver()
        this.onBarrier(this, element.barrier)
        this.output.push(element)
        return true
      case 'chore':
        if (!element.step(this.buffer)) return false
        this.handOver()
        return true
    }
  }

  /** In step with others it is a chore, which looks at all keys: that which keys come first does not show in what is handed over. */
  private expireSome(): void {
    if (!this.part) this.operator.expire(this.operator.sliceRows / EXPIRE_SHARE)
  }

  /** Rewrites rows that time alone has changed; see KeyedOperator.decay. */
  decay(nowMs: number, limit: number): boolean {
    if (this.cursor > 0) return false
    const done = this.operator.decay(nowMs, limit, this.buffer)
    this.handOver()
    return done
  }

  /** Hands on the newest rows of keys that no store has; see KeyedOperator.rewrite. */
  rewrite(limit: number): boolean {
    if (this.cursor > 0) return false
    const done = this.operator.rewrite(limit)
    this.handOver()
    return done
  }

  /** The key's newest row that the sinks have not been given yet, if there is one: what memory knows and the stores don't. */
  rowOnItsWay(key: string): ResultRow | null {
    this.operator.settle(this.buffer)
    const row = this.buffer.current.get(key)
    if (row) return row
    for (const element of this.output.newestFirst()) {
      const waiting = element.kind === 'data' ? element.data.current.get(key) : undefined
      if (waiting) return waiting
    }
    return null
  }

  private handOver(): void {
    this.operator.settle(this.buffer)
    this.recordsOut += this.buffer.rows.length + (this.buffer.untaken ?? 0)
    this.buffer.untaken = 0
    const isEmpty = this.buffer.rows.length === 0 && this.buffer.current.size === 0 && !this.buffer.deadLetters
    if (isEmpty && !this.part) return
    this.output.push({ kind: 'data', data: this.buffer })
    this.buffer = newBuffer()
  }
}
