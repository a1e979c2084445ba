/**
 * When a key is forgotten: `ttl` after its newest event, by event time (semantics.md 13). From then on it reads like a key that was
 * never seen, its stored row says nothing, and an event of it begins anew. The newest event's time is part of the state, so a restore
 * changes nothing. What an event finds depends on the event and the watermark before it, never on when the sweep came by.
 */
export class Ttl {
  /** Infinity: keys are never forgotten */
  private ms: number
  /** what was kept of a moment before it may be gone with a forgotten key */
  readableFromMs = Number.NEGATIVE_INFINITY

  constructor(ttlMs: number | null | undefined) {
    this.ms = ttlMs ?? Number.POSITIVE_INFINITY
  }

  set ttlMs(ttlMs: number | null) {
    this.ms = ttlMs ?? Number.POSITIVE_INFINITY
  }

  /** First moment at which a key with this newest event is forgotten; Infinity: never, or there was no event. */
  endMs(asOfMs: number): number {
    return asOfMs === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : asOfMs + this.ms + 1
  }

  isOver(asOfMs: number, atMs: number): boolean {
    return atMs >= this.endMs(asOfMs)
  }

  /** The key's rows are gone. */
  forgot(asOfMs: number): void {
    this.readableFromMs = Math.max(this.readableFromMs, this.endMs(asOfMs))
  }
}
