/**
 * Tells when everything that stood before given positions is in the values that a job serves. Reading is ahead of applying, so
 * that the count of good events at the moment the positions were passed has to come out of the keyed subtasks.
 */
import type { PositionMap } from '../../contract/job-ipc.ts'
import type { JobPipeline } from '../task/job-pipeline.ts'

export class AppliedWatch {
  private readonly pipeline: JobPipeline
  private readonly targets: PositionMap
  private readonly goodAtStart: number
  private goodAtTarget: number | null = null
  private isDone = false

  /** `goodAtStart`: good events that a restored snapshot had counted, which never pass through this run's keyed subtasks. */
  constructor(pipeline: JobPipeline, targets: PositionMap, goodAtStart: number) {
    this.pipeline = pipeline
    this.targets = targets
    this.goodAtStart = goodAtStart
  }

  get done(): boolean {
    if (this.isDone) return true
    const { source, applied, waiting } = this.pipeline
    if (this.goodAtTarget === null) {
      const positions = source.positions()
      if (Object.entries(this.targets).some(([partition, end]) => (positions[partition] ?? 0) < end)) return false
      this.goodAtTarget = source.counts.good - this.goodAtStart
    }
    // The watermark that came with the last of them is applied when something after it is, or when nothing waits.
    this.isDone = applied > this.goodAtTarget || !waiting
    return this.isDone
  }
}
