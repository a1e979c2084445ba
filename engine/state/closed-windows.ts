/** Rows of a key's closed windows that a read can still ask for, in order of their ends; the last is what the online store holds. */
import type { ResultRow, RowVersion, Value, WindowSpan } from '../sink/port.ts'

export interface ClosedWindow extends WindowSpan {
  /** how many events it holds: more of them are a correction */
  readonly count: number
  /** of its last event */
  readonly eventTimeMs: number
  readonly partition: number
  readonly offset: number
  readonly values: readonly Value[]
}

/** Into a list in order of their ends, in the place of its earlier form, and of sessions that it has swallowed. */
export function putWindow<T extends WindowSpan>(list: T[], window: T, isSession: boolean): void {
  const isReplaced = (one: T) => (isSession ? one.startMs >= window.startMs : one.endMs === window.endMs)
  let to = list.length
  while (to > 0 && list[to - 1]!.endMs > window.endMs) to--
  let from = to
  while (from > 0 && isReplaced(list[from - 1]!)) from--
  list.splice(from, to - from, window)
}

export class ClosedWindows {
  readonly list: ClosedWindow[]

  constructor(list: ClosedWindow[] = []) {
    this.list = list
  }

  get newest(): ClosedWindow | undefined {
    return this.list.at(-1)
  }

  put(window: ClosedWindow, isSession: boolean): void {
    putWindow(this.list, window, isSession)
  }

  /** The newest that had closed at the instant. */
  at(instantMs: number): ClosedWindow | undefined {
    return this.list.findLast(({ endMs }) => endMs <= instantMs)
  }

  /** Forgets those that no read from the instant on asks for. Answers how far back reads are still right, if that has changed. */
  forget(instantMs: number): number | null {
    let count = 0
    while (count + 1 < this.list.length && this.list[count + 1]!.endMs <= instantMs) count++
    if (count === 0) return null
    this.list.splice(0, count)
    return this.list[0]!.endMs
  }
}

export const versionOfWindow = ({ endMs, count }: ClosedWindow): RowVersion => [endMs, count, 0]

export function rowOfWindow(key: string, window: ClosedWindow, validUntilMs: number | null): ResultRow {
  const { startMs, endMs, eventTimeMs, partition, offset, values } = window
  return {
    key,
    partition,
    offset,
    eventTimeMs,
    window: { startMs, endMs },
    version: versionOfWindow(window),
    values,
    validUntilMs,
  }
}
