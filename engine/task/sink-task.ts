/**
 * Sink subtask: takes results of all keyed subtasks, aligns their barriers (a channel whose barrier has come waits for the
 * others), flushes the sinks, and only then acknowledges (semantics.md 17).
 */
import type { DeadLetterReport } from '../../contract/job-ipc.ts'
import type { Prepared } from '../forward/forwarder.ts'
import type { ResultRow, Sink } from '../sink/port.ts'
import type { ResultBuffer } from '../state/operator.ts'
import type { Barrier, Element } from './channel.ts'

/** Where results come from: a channel, or several joined to one. */
export interface ResultInput {
  readonly size: number
  shift(): Element<ResultBuffer> | undefined
}

export interface Sinks {
  /** every row, in processing order */
  readonly rows: readonly Sink[]
  /** newest row by key */
  readonly current: readonly Sink[]
  /** one of `rows`: what it has prepared at its barrier and not handed over yet is part of the snapshot */
  readonly forward?: { prepared(): readonly Prepared[] } | null
}

/** In a snapshot. */
export interface SinkState {
  readonly deadLetters: readonly DeadLetterReport[]
  /** not in snapshots of builds that could not forward */
  readonly prepared?: readonly Prepared[]
}

export interface Alignment {
  /** between the first and the last barrier's arrival */
  readonly alignmentMs: number
  readonly syncMs: number
}

export class SinkSubtask {
  recordsIn = 0
  recordsWritten = 0
  /** events that a feature in TypeScript threw at; part of this subtask's snapshot until a checkpoint behind them is complete */
  readonly deadLetters: DeadLetterReport[] = []
  private readonly inputs: readonly ResultInput[]
  private readonly sinks: Sinks
  private readonly nowMs: () => number
  private readonly onBarrier: (barrier: Barrier, alignment: Alignment) => void
  private readonly blocked = new Set<number>()
  private firstBarrierMs = 0
  private turn = 0

  constructor(
    inputs: readonly ResultInput[],
    sinks: Sinks,
    nowMs: () => number,
    onBarrier: (barrier: Barrier, alignment: Alignment) => void,
  ) {
    this.inputs = inputs
    this.sinks = sinks
    this.nowMs = nowMs
    this.onBarrier = onBarrier
  }

  /** For the snapshot. */
  prepared(): readonly Prepared[] {
    return this.sinks.forward?.prepared() ?? []
  }

  get waiting(): boolean {
    return this.inputs.some((channel, i) => channel.size > 0 && !this.blocked.has(i))
  }

  /** Takes one element from each channel that has one and is not blocked. */
  async run(): Promise<void> {
    for (let k = 0; k < this.inputs.length; k++) {
      const index = (this.turn + k) % this.inputs.length
      if (this.blocked.has(index)) continue
      const element = this.inputs[index]!.shift()
      if (element?.kind === 'data') {
        this.recordsIn += element.data.rows.length
        await this.write(element.data)
      } else if (element?.kind === 'barrier') await this.align(index, element.barrier)
    }
    this.turn = (this.turn + 1) % this.inputs.length
  }

  private async write({ rows, current, deadLetters }: ResultBuffer): Promise<void> {
    if (deadLetters) this.deadLetters.push(...deadLetters)
    // The newest rows first, and before anything is waited for: a read must find them here or on their way, never in between.
    if (current.size > 0 && this.sinks.current.length > 0) {
      const newest = [...current.values()]
      for (const sink of this.sinks.current) await this.hand(sink, newest)
    }
    if (rows.length > 0) for (const sink of this.sinks.rows) await this.hand(sink, rows)
  }

  private async hand(sink: Sink, rows: readonly ResultRow[]): Promise<void> {
    this.recordsWritten += rows.length
    const waiting = sink.write(rows)
    if (waiting) await waiting
  }

  private async align(index: number, barrier: Barrier): Promise<void> {
    if (this.blocked.size === 0) this.firstBarrierMs = this.nowMs()
    this.blocked.add(index)
    if (this.blocked.size < this.inputs.length) return
    const alignedMs = this.nowMs()
    for (const sink of new Set([...this.sinks.rows, ...this.sinks.current])) await sink.flush(barrier.id)
    this.blocked.clear()
    this.onBarrier(barrier, { alignmentMs: alignedMs - this.firstBarrierMs, syncMs: this.nowMs() - alignedMs })
  }
}
