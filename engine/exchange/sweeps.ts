/**
 * When owners of the same keys look for rows that nothing can ask for any more: all of them at the same place in the line, so that what
 * they write again then is the same. Once for so many events as there are keys, four times over; and twice when nothing comes, after time
 * has moved on (a key goes when its stored row says so).
 */
import type { RemoteSubtask } from './remote-subtask.ts'

const EVENTS_PER_KEY = 4
const LEAST_EVENTS = 1000
const AGAIN_AFTER_MS = 200
const SWEEPS_AFTER_A_MOVE = 2

export class Sweeps {
  private readonly events: number[]
  private readonly left: number[]
  private readonly nowMs: () => number
  private lastMs = Number.NEGATIVE_INFINITY

  constructor(ranges: number, nowMs: () => number) {
    this.events = new Array(ranges).fill(0)
    this.left = new Array(ranges).fill(0)
    this.nowMs = nowMs
  }

  sent(range: number, events: number): void {
    this.events[range]! += events
  }

  /** Time has moved on, or the ttl was changed. */
  moved(): void {
    this.left.fill(SWEEPS_AFTER_A_MOVE)
  }

  /** The owners of those ranges whose turn it is; asked wherever a sweep may begin. */
  due(owners: readonly (readonly RemoteSubtask[])[]): (readonly RemoteSubtask[])[] {
    const isQuiet = this.nowMs() - this.lastMs >= AGAIN_AFTER_MS
    const due = owners.filter((parts, range) => {
      const [{ keys, unfinished }] = parts as [RemoteSubtask]
      const isFull = this.events[range]! >= Math.max(LEAST_EVENTS, EVENTS_PER_KEY * keys)
      return isFull || (isQuiet && unfinished === 0 && this.left[range]! > 0)
    })
    for (const parts of due) {
      const range = owners.indexOf(parts)
      this.events[range] = 0
      this.left[range] = Math.max(0, this.left[range]! - 1)
    }
    if (due.length > 0) this.lastMs = this.nowMs()
    return due
  }
}
