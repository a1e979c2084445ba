/**
 * Refused and late events on their way to the supervisor. They stay in the source's list, and so in its snapshots, until a
 * checkpoint that has passed their positions is complete: whatever is killed when, each is told at least once, and the receiver
 * knows it by its position.
 */
import type { DeadLetterReport, FromJob } from '../../contract/job-ipc.ts'
import type { SourceSubtask } from '../task/source-task.ts'

const ITEMS_PER_MESSAGE = 500
const ITEMS_AT_MOST = 10_000

type Kind = 'deadLetters' | 'late'
const KINDS: readonly Kind[] = ['deadLetters', 'late']

export class DeadLetterOutbox {
  private readonly source: SourceSubtask
  private readonly tell: (message: FromJob) => void
  private readonly sent = { deadLetters: 0, late: 0 }
  private readonly inSnapshot = { deadLetters: 0, late: 0 }

  constructor(source: SourceSubtask, tell: (message: FromJob) => void) {
    this.source = source
    this.tell = tell
  }

  /** So many are waiting for a checkpoint that reading has to wait too. */
  get full(): boolean {
    return this.source.deadLetters.length + this.source.late.length >= ITEMS_AT_MOST
  }

  send(): void {
    for (const kind of KINDS) {
      const items: readonly DeadLetterReport[] = this.source[kind]
      for (; this.sent[kind] < items.length; ) {
        const part = items.slice(this.sent[kind], this.sent[kind] + ITEMS_PER_MESSAGE)
        this.tell({ type: 'deadLetters', items: [...part], late: kind === 'late' })
        this.sent[kind] += part.length
      }
    }
  }

  beforeSnapshot(): void {
    this.send()
    for (const kind of KINDS) this.inSnapshot[kind] = this.source[kind].length
  }

  completed(): void {
    for (const kind of KINDS) {
      this.source[kind].splice(0, this.inSnapshot[kind])
      this.sent[kind] -= this.inSnapshot[kind]
      this.inSnapshot[kind] = 0
    }
  }
}
