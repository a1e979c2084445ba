/**
 * The job's permission to run. It ends by the monotonic clock; one that has ended is not renewed, not even by a renewal that was
 * sent in time and read late: the process may have been stopped in between, and another may be writing by now.
 */
export class Lease {
  private untilMs: number
  private readonly nowMs: () => number

  constructor(nowMs: () => number, validForMs: number) {
    this.nowMs = nowMs
    this.untilMs = nowMs() + validForMs
  }

  get expired(): boolean {
    return this.nowMs() > this.untilMs
  }

  renew(validForMs: number): void {
    if (!this.expired) this.untilMs = Math.max(this.untilMs, this.nowMs() + validForMs)
  }
}
