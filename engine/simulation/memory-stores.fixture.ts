/**
 * An online store, a history and a stream to forward to as the real ones behave: rows are buffered by the writer, become visible when they are committed and
 * survive the machine when they are flushed; a row is written only if it is newer (online) or not there (history); a writer whose
 * epoch is below the highest is refused. Rows of equal version that differ raise an alarm.
 */
import { MemoryTarget } from '../forward/memory-target.fixture.ts'
import type { ForwardTarget } from '../forward/port.ts'
import { Fenced, type OnlineReader, type ResultRow, type Sink, type StoredOnlineRow } from '../sink/port.ts'
import { compareVersions } from '../task/run-view.fixture.ts'
import type { Scheduler } from './scheduler.fixture.ts'

type Rows = Map<string, ResultRow>

export class MemoryStores {
  private online: Rows = new Map()
  private history: Rows = new Map()
  private durable: { online: Rows; history: Rows } = { online: new Map(), history: new Map() }
  private epoch = 0
  readonly alarms: string[] = []
  private readonly forwarded = new MemoryTarget()
  private readonly scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler
  }

  /** The machine stops: what was not flushed is gone. */
  losePower(): void {
    this.online = new Map(this.durable.online)
    this.history = new Map(this.durable.history)
  }

  open(run: number, epoch: number): { online: Sink & OnlineReader; history: Sink } {
    this.epoch = Math.max(this.epoch, epoch)
    const refuse = () => {
      if (epoch < this.epoch) throw new Fenced(`epoch ${epoch} may no longer write: ${this.epoch} does`)
    }
    let newest: Rows = new Map()
    const rows: ResultRow[] = []
    const commitOnline = () => {
      refuse()
      for (const [key, row] of newest) this.putOnline(key, row)
      newest = new Map()
    }
    const { scheduler } = this
    const online: Sink & OnlineReader = {
      name: 'online',
      write: (batch) => {
        scheduler.now(run, 'online write')
        for (const row of batch) {
          const known = newest.get(row.key)
          if (!known || compareVersions(row.version, known.version) > 0) newest.set(row.key, row)
        }
      },
      commit: () => {
        scheduler.now(run, 'online commit')
        commitOnline()
      },
      flush: () =>
        scheduler.later(run, 'online flush', () => {
          commitOnline()
          this.durable.online = new Map(this.online)
        }),
      get: (key): StoredOnlineRow | null => {
        const [waiting, stored] = [newest.get(key) ?? null, this.online.get(key) ?? null]
        return waiting && stored ? (compareVersions(waiting.version, stored.version) > 0 ? waiting : stored) : (waiting ?? stored)
      },
      close: async () => {},
    }
    const history: Sink = {
      name: 'history',
      write: (batch) => {
        scheduler.now(run, 'history write')
        rows.push(...batch)
      },
      flush: async () => {
        // In transactions of a few rows: one that dies in between leaves the first of them.
        while (rows.length > 0)
          await scheduler.later(run, 'history transaction', () => {
            refuse()
            for (const row of rows.splice(0, 5)) this.putHistory(row)
            this.durable.history = new Map(this.history)
          })
      },
      close: async () => {},
    }
    return { online, history }
  }

  target(run: number): ForwardTarget {
    return this.forwarded.open('out', (what) => this.scheduler.later(run, `forward ${what}`, () => undefined))
  }

  private putOnline(key: string, row: ResultRow): void {
    const known = this.online.get(key)
    const order = known ? compareVersions(row.version, known.version) : 1
    if (order === 0 && text(row) !== text(known!)) this.alarms.push(`online ${text(known!)} ≠ ${text(row)}`)
    if (order > 0) this.online.set(key, row)
  }

  private putHistory(row: ResultRow): void {
    const id = row.window ? `${row.key} from ${row.window.startMs}` : `${row.key} ${row.partition}/${row.offset}`
    const known = this.history.get(id)
    const isCorrected = known !== undefined && row.window !== undefined && row.version[1] !== known.version[1]
    if (known && !isCorrected && text(row) !== text(known)) this.alarms.push(`history ${text(known)} ≠ ${text(row)}`)
    if (!known || (isCorrected && row.version[1] > known.version[1])) this.history.set(id, row)
  }

  newestVersion(key: string): ResultRow['version'] | null {
    return this.online.get(key)?.version ?? null
  }

  /** All that a reader could find, byte for byte. */
  contents(): string {
    const sorted = (rows: Rows) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, row]) => `${id} ${text(row)}`)
    return [...sorted(this.online), '', ...sorted(this.history), '', ...this.forwarded.rows].join('\n')
  }
}

const text = (row: ResultRow) => JSON.stringify([row.eventTimeMs, row.version, row.values, row.validUntilMs])
