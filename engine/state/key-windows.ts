/**
 * Which windows the rows of one key are in: by the grid of TUMBLE and HOP, or by the gaps between them (SESSION). An answer speaks
 * only of windows that hold a row.
 */
import { endAfter, type PlannedGroup, startOf, type WindowGrid } from '../plan/group.ts'
import type { WindowSpan } from '../sink/port.ts'
import type { KeyRows } from './key-rows.ts'

export interface KeyWindows {
  /** A row of this time came in; it is in `rows` already. */
  add(timeMs: number): void
  /** The first window that ends after the instant. */
  firstAfter(instantMs: number): WindowSpan | null
  /** Those that hold the time, in order of their ends. */
  holding(timeMs: number): Iterable<WindowSpan>
  /** Forgets windows that end at or before the instant; answers from where on rows are still in one. */
  forget(instantMs: number): number
}

export function keyWindows(group: PlannedGroup, rows: KeyRows): KeyWindows {
  return group.kind === 'session' ? new Sessions(group.gapMs, rows) : new GridWindows(group, rows)
}

class GridWindows implements KeyWindows {
  private readonly grid: WindowGrid
  private readonly rows: KeyRows

  constructor(grid: WindowGrid, rows: KeyRows) {
    this.grid = grid
    this.rows = rows
  }

  add(): void {}

  firstAfter(instantMs: number): WindowSpan | null {
    const { grid, rows } = this
    if (instantMs === Number.POSITIVE_INFINITY) return null
    let endMs = Number.isFinite(instantMs) ? endAfter(grid, instantMs) : Number.NEGATIVE_INFINITY
    const index = rows.lowerBound(Number.isFinite(endMs) ? startOf(grid, endMs) : endMs)
    if (index >= rows.times.length) return null
    endMs = Math.max(endMs, endAfter(grid, rows.times[index]!))
    return { startMs: startOf(grid, endMs), endMs }
  }

  *holding(timeMs: number): Iterable<WindowSpan> {
    for (let endMs = endAfter(this.grid, timeMs); ; endMs = endAfter(this.grid, endMs)) {
      const startMs = startOf(this.grid, endMs)
      if (startMs > timeMs) return
      yield { startMs, endMs }
    }
  }

  forget(instantMs: number): number {
    return Number.isFinite(instantMs) ? startOf(this.grid, endAfter(this.grid, instantMs)) : instantMs
  }
}

interface Session {
  startMs: number
  lastMs: number
}

/** In order of time, each at least a gap behind the end of the one before. Made anew from the rows where those are restored. */
class Sessions implements KeyWindows {
  private readonly gapMs: number
  private sessions: Session[] = []

  constructor(gapMs: number, rows: KeyRows) {
    this.gapMs = gapMs
    for (let i = rows.head; i < rows.times.length; i++) this.add(rows.times[i]!)
  }

  add(timeMs: number): void {
    const { sessions, gapMs } = this
    const at = this.indexAfter(timeMs)
    const found = sessions[at]
    if (!found || found.startMs - timeMs >= gapMs) {
      sessions.splice(at, 0, { startMs: timeMs, lastMs: timeMs })
      return
    }
    found.startMs = Math.min(found.startMs, timeMs)
    found.lastMs = Math.max(found.lastMs, timeMs)
    const next = sessions[at + 1]
    if (!next || next.startMs - found.lastMs >= gapMs) return
    found.lastMs = next.lastMs // the row bridges two sessions
    sessions.splice(at + 1, 1)
  }

  firstAfter(instantMs: number): WindowSpan | null {
    const session = this.sessions[this.indexAfter(instantMs)]
    return session ? this.span(session) : null
  }

  holding(timeMs: number): Iterable<WindowSpan> {
    const session = this.sessions[this.indexAfter(timeMs)]
    return session && session.startMs <= timeMs ? [this.span(session)] : []
  }

  forget(instantMs: number): number {
    const count = this.indexAfter(instantMs)
    if (count > 0) this.sessions = this.sessions.slice(count)
    return this.sessions[0]?.startMs ?? instantMs
  }

  /** Of the first session that ends after the instant. */
  private indexAfter(instantMs: number): number {
    let low = 0
    let high = this.sessions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.sessions[middle]!.lastMs + this.gapMs <= instantMs) low = middle + 1
      else high = middle
    }
    return low
  }

  private span({ startMs, lastMs }: Session): WindowSpan {
    return { startMs, endMs: lastMs + this.gapMs }
  }
}
