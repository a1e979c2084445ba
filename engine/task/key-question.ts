/** What a read asks of the subtask that owns a key, wherever it runs, and what it answers. */
import type { ResultRow } from '../sink/port.ts'
import type { KeyReading } from '../state/operator.ts'
import type { KeyedSubtask } from './keyed-task.ts'

export interface Question {
  readonly keys: readonly { readonly key: string; readonly group: number }[]
  /** null: now, by the read clock */
  readonly atMs: number | null
  /** the read clock as the asking thread knows it */
  readonly clockMs: number
  /** the clock is the newest event time applied: the subtask may know a newer one */
  readonly isEventClock: boolean
  /** rows that time has changed are written again first: what is shown is stored as well */
  readonly decays: boolean
}

export interface KeyAnswer {
  readonly evaluatedAtMs: number
  /** moments before this cannot be answered; the reading is null then */
  readonly readableFromMs: number
  readonly reading: KeyReading | null
  /** the key's newest row, where the sinks have not been given it yet */
  readonly onItsWay: ResultRow | null
  /** rows that time has changed are to be written again before it is shown */
  readonly isDecayDue?: boolean
}

export const DECAY_KEYS_PER_CALL = 64

/** The subtask owns all keys of the question. */
export function answerQuestion(task: KeyedSubtask, { keys, atMs, clockMs, isEventClock, decays }: Question): KeyAnswer[] {
  const { operator } = task
  const nowMs = isEventClock ? Math.max(clockMs, operator.maxEventTimeMs()) : clockMs
  if (decays && !task.part && !task.output.full) task.decay(nowMs, DECAY_KEYS_PER_CALL)
  const isDecayDue = decays && task.part !== undefined && (operator.nextDecayMs() ?? Number.POSITIVE_INFINITY) <= nowMs
  const evaluatedAtMs = atMs ?? nowMs
  return keys.map(({ key, group }) => {
    const readableFromMs = operator.readableFromMs()
    return {
      evaluatedAtMs,
      readableFromMs,
      onItsWay: atMs === null ? task.rowOnItsWay(key) : null,
      reading: evaluatedAtMs < readableFromMs ? null : operator.read(key, evaluatedAtMs, group),
      ...(isDecayDue && { isDecayDue }),
    }
  })
}
