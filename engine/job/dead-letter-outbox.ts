/**
 * Refused and late events, and those that a feature in TypeScript threw at, on their way to the supervisor. They stay in the source's list, and so in its snapshots, until a
 * checkpoint that has passed their positions is complete: whatever is killed when, each is told at least once, and the receiver
 * knows it by its position.
 */
import type { DeadLetterReport, FromJob } from '../../contract/job-ipc.ts'
import type { JobPipeline } from '../task/job-pipeline.ts'

const ITEMS_PER_MESSAGE = 500
const ITEMS_AT_MOST = 10_000

type Kind = 'deadLetters' | 'late' | 'thrown'
const KINDS: readonly Kind[] = ['deadLetters', 'late', 'thrown']

export class DeadLetterOutbox {
  private readonly lists: Record<Kind, DeadLetterReport[]>
  private readonly tell: (message: FromJob) => void
  private readonly sent = { deadLetters: 0, late: 0, thrown: 0 }
  private readonly inSnapshot = { deadLetters: 0, late: 0, thrown: 0 }

  constructor({ source, sink }: Pick<JobPipeline, 'source' | 'sink'>, tell: (message: FromJob) => void) {
    this.lists = {
      get deadLetters() {
        return source.deadLetters
      },
      get late() {
        return source.late
      },
      thrown: sink.deadLetters,
    }
    this.tell = tell
  }

  /** So many are waiting for a checkpoint that reading has to wait too. */
  get full(): boolean {
    return KINDS.reduce((count, kind) => count + this.lists[kind].length, 0) >= ITEMS_AT_MOST
  }

  send(): void {
    for (const kind of KINDS) {
      const items: readonly DeadLetterReport[] = this.lists[kind]
      for (; this.sent[kind] < items.length; ) {
        const part = items.slice(this.sent[kind], this.sent[kind] + ITEMS_PER_MESSAGE)
        this.tell({ type: 'deadLetters', items: [...part], late: kind === 'late' })
        this.sent[kind] += part.length
      }
    }
  }

  /** The barrier goes into the source: what it has refused is in the snapshot. */
  beforeSnapshot(): void {
    this.send()
    for (const kind of ['deadLetters', 'late'] as const) this.inSnapshot[kind] = this.lists[kind].length
  }

  /** The barrier has come to the sink. */
  atSink(): void {
    this.inSnapshot.thrown = this.lists.thrown.length
  }

  completed(): void {
    this.send()
    for (const kind of KINDS) {
      this.lists[kind].splice(0, this.inSnapshot[kind])
      this.sent[kind] -= this.inSnapshot[kind]
      this.inSnapshot[kind] = 0
    }
  }
}
