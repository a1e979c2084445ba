/** Snapshots of keyed subtasks: begun where the barrier stands, written on bit by bit while events flow, handed on as files. */
import { encodeKeyedFile } from '../checkpoint/keyed-file.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import type { KeyedOperator, OperatorSnapshot } from '../state/operator.ts'
import type { Barrier } from './channel.ts'
import type { KeyedSubtask } from './keyed-task.ts'

export const keyedFileName = (subtask: number) => `keyed-${subtask}.bin`

interface UnderWay {
  readonly subtask: KeyedSubtask
  readonly barrier: Barrier
  readonly snapshot: OperatorSnapshot
  readonly startDelayMs: number
  readonly syncMs: number
}

/** All groups at once, of an operator that cannot do it bit by bit. */
function wholeSnapshot(operator: KeyedOperator): OperatorSnapshot {
  const groups = Array.from({ length: KEY_GROUPS }, (_, group) => operator.snapshotKeyGroup(group))
  return {
    operator: operator.snapshotOperator(),
    advance: () => true,
    partsOf: (group) => {
      const bytes = groups[group]!
      return bytes && [bytes]
    },
  }
}

export class KeyedSnapshots {
  private readonly underWay: UnderWay[] = []
  private readonly nowMs: () => number
  private readonly done: (barrier: Barrier, snapshot: SubtaskSnapshot) => void

  constructor(nowMs: () => number, done: (barrier: Barrier, snapshot: SubtaskSnapshot) => void) {
    this.nowMs = nowMs
    this.done = done
  }

  get count(): number {
    return this.underWay.length
  }

  /** The barrier stands at the subtask; it was sent at `sentMs` on the same clock. */
  begin(subtask: KeyedSubtask, barrier: Barrier, sentMs: number): void {
    const startMs = this.nowMs()
    for (const earlier of this.underWay.filter((known) => known.subtask === subtask)) this.goOn(earlier, Number.POSITIVE_INFINITY)
    const { operator } = subtask
    const snapshot = operator.beginSnapshot?.() ?? wholeSnapshot(operator)
    const part = { subtask, barrier, snapshot, startDelayMs: startMs - sentMs, syncMs: this.nowMs() - startMs }
    this.underWay.push(part)
    this.goOn(part, 0)
  }

  /** Writes about `maxKeys` keys more of each. */
  advance(maxKeys: number): void {
    for (const part of [...this.underWay]) this.goOn(part, maxKeys)
  }

  private goOn(part: UnderWay, maxKeys: number): void {
    if (!part.snapshot.advance(maxKeys)) return
    this.underWay.splice(this.underWay.indexOf(part), 1)
    const { subtask, barrier, snapshot, startDelayMs, syncMs } = part
    const parts = encodeKeyedFile(snapshot, subtask.groups.from, subtask.groups.to, subtask.part)
    this.done(barrier, {
      operator: 'keyed',
      subtask: subtask.index,
      files: [{ name: keyedFileName(subtask.index), parts }],
      startDelayMs,
      alignmentMs: 0,
      syncMs,
      processedBytes: 0,
    })
  }
}
