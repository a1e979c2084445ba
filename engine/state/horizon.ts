/** How far an operator has come in event time, and from when on rows are still needed. */
import { earliestWhole, oldestNeeded } from '../plan/frame.ts'
import type { Plan } from '../plan/plan.ts'

export class Horizon {
  watermarkMs = Number.NEGATIVE_INFINITY
  /** newest event time applied */
  maxAppliedMs = Number.NEGATIVE_INFINITY
  /** rows before it are gone, or may be */
  droppedBeforeMs = Number.NEGATIVE_INFINITY
  /** no event to come, and no read that is answered, asks for a moment before it */
  momentMs = Number.NEGATIVE_INFINITY
  /** no moment from momentMs on asks for a row before it */
  neededFromMs = Number.NEGATIVE_INFINITY
  private readonly plan: Plan
  private readonly slackMs: number

  /** `slackMs`: how far an event, or a read, may lie behind what has been applied. */
  constructor(plan: Plan, slackMs: number) {
    this.plan = plan
    this.slackMs = slackMs
  }

  move(): void {
    const moment = Math.min(this.watermarkMs, this.maxAppliedMs) - this.slackMs
    if (!(moment > this.momentMs)) return
    this.momentMs = moment
    this.neededFromMs = oldestNeeded(this.plan, moment)
  }

  /** Rows that are not needed have been dropped. */
  dropped(): void {
    if (this.neededFromMs > this.droppedBeforeMs) this.droppedBeforeMs = this.neededFromMs
  }

  /** All windows of the moments from here on are whole. */
  readableFromMs(): number {
    return Number.isFinite(this.droppedBeforeMs) ? earliestWhole(this.plan, this.droppedBeforeMs) : this.droppedBeforeMs
  }
}
