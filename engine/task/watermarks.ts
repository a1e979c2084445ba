/**
 * Watermarks: per partition the newest event time less `outOfOrderness`; the job's is the least over partitions that are not
 * idle, and never steps back. Lateness is judged against the partition's own, in offset order, so that it does not depend on how
 * partitions were interleaved. Idleness is a decision of the moment: it is part of the snapshot.
 */
export interface PartitionWatermark {
  maxEventTimeMs: number
  idle: boolean
  /** no more records will come (the end of a file) */
  ended: boolean
  /** events older than this are late although the partition's own watermark is lower: the job went on while it was idle */
  floorMs: number
  /** processing time at which it last had records or was not yet read to its end; not stored */
  activeAtMs: number
}

export interface WatermarkState {
  readonly watermarkMs: number | null
  readonly partitions: Record<string, { maxEventTimeMs: number | null; idle: boolean; ended: boolean; floorMs: number | null }>
}

export class Watermarks {
  private readonly partitions = new Map<number, PartitionWatermark>()
  private readonly outOfOrdernessMs: number
  private currentMs = Number.NEGATIVE_INFINITY

  constructor(outOfOrdernessMs: number) {
    this.outOfOrdernessMs = outOfOrdernessMs
  }

  add(partition: number, nowMs: number): void {
    if (this.partitions.has(partition)) return
    this.partitions.set(partition, {
      maxEventTimeMs: Number.NEGATIVE_INFINITY,
      idle: false,
      ended: false,
      floorMs: Number.NEGATIVE_INFINITY,
      activeAtMs: nowMs,
    })
  }

  of(partition: number): PartitionWatermark {
    const found = this.partitions.get(partition)
    if (!found) throw new Error(`partition ${partition} is not being read`)
    return found
  }

  /** The partition's own watermark. */
  ownMs(state: PartitionWatermark): number {
    return state.maxEventTimeMs - this.outOfOrdernessMs
  }

  get anyIdle(): boolean {
    for (const { idle } of this.partitions.values()) if (idle) return true
    return false
  }

  /** Records came: an idle partition is back. What the job has passed in the meantime stays passed. */
  wake(partition: number, nowMs: number): void {
    const state = this.of(partition)
    state.activeAtMs = nowMs
    if (!state.idle) return
    state.idle = false
    state.floorMs = Math.max(state.floorMs, this.currentMs)
  }

  /** Called when the partition was read to its end: only silence counts as idle, never a job that is behind. */
  silent(partition: number, nowMs: number, idleTimeoutMs: number): void {
    const state = this.of(partition)
    if (!state.idle && nowMs - state.activeAtMs >= idleTimeoutMs) state.idle = true
  }

  /** Nothing of it is read yet: until it is woken it holds nothing back. */
  rest(partition: number): void {
    this.of(partition).idle = true
  }

  end(partition: number): void {
    this.of(partition).ended = true
  }

  /** Least watermark of the other partitions that count; +Infinity where there is none. */
  othersMs(partition: number): number {
    let least = Number.POSITIVE_INFINITY
    for (const [id, state] of this.partitions)
      if (id !== partition && !state.idle && !state.ended) least = Math.min(least, this.ownMs(state))
    return least
  }

  /**
   * The job's watermark, moved on where it can be. With every partition ended it is +Infinity; with all silent that of the newest one, as
   * if the others had fallen silent before it.
   */
  advance(): number {
    let least = Number.POSITIVE_INFINITY
    let newest = Number.NEGATIVE_INFINITY
    let active = 0
    let open = 0
    for (const state of this.partitions.values()) {
      if (state.ended) continue
      open++
      const ownMs = this.ownMs(state)
      newest = Math.max(newest, ownMs)
      if (state.idle) continue
      active++
      least = Math.min(least, ownMs)
    }
    const nextMs = active === 0 && open > 0 ? newest : least
    if (this.partitions.size > 0 && nextMs > this.currentMs) this.currentMs = nextMs
    return this.currentMs
  }

  get watermarkMs(): number {
    return this.currentMs
  }

  maxEventTimeMs(): number {
    let newest = Number.NEGATIVE_INFINITY
    for (const state of this.partitions.values()) newest = Math.max(newest, state.maxEventTimeMs)
    return newest
  }

  snapshot(): WatermarkState {
    const partitions: WatermarkState['partitions'] = {}
    for (const [id, { maxEventTimeMs, idle, ended, floorMs }] of this.partitions) {
      partitions[id] = { maxEventTimeMs: finite(maxEventTimeMs), idle, ended, floorMs: finite(floorMs) }
    }
    return { watermarkMs: this.currentMs === Number.POSITIVE_INFINITY ? null : finite(this.currentMs), partitions }
  }

  restore(state: WatermarkState, nowMs: number): void {
    this.currentMs = state.watermarkMs ?? Number.NEGATIVE_INFINITY
    for (const [id, stored] of Object.entries(state.partitions)) {
      this.partitions.set(Number(id), {
        maxEventTimeMs: stored.maxEventTimeMs ?? Number.NEGATIVE_INFINITY,
        idle: stored.idle,
        ended: stored.ended,
        floorMs: stored.floorMs ?? Number.NEGATIVE_INFINITY,
        activeAtMs: nowMs,
      })
    }
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
