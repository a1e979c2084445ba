/**
 * Results of subtasks that have a part of the features each, as those of one that has all. They go in step: the nth element of each comes
 * from the same batch, watermark, barrier or chore, so that rows pair by their place and newest rows by their key.
 */
import type { ResultRow, Value } from '../sink/port.ts'
import type { ResultBuffer } from '../state/operator.ts'
import type { Channel, Element } from '../task/channel.ts'
import type { ResultInput } from '../task/sink-task.ts'

export class JoinedResults implements ResultInput {
  private readonly channels: readonly Channel<ResultBuffer>[]
  private readonly rows: RowJoin

  constructor(channels: readonly Channel<ResultBuffer>[], rows: RowJoin) {
    this.channels = channels
    this.rows = rows
  }

  get size(): number {
    return Math.min(...this.channels.map(({ size }) => size))
  }

  shift(): Element<ResultBuffer> | undefined {
    if (this.size === 0) return undefined
    const elements = this.channels.map((channel) => channel.shift()!)
    const [first] = elements as [Element<ResultBuffer>]
    if (elements.some(({ kind }) => kind !== first.kind)) throw outOfStep(`a ${first.kind} of one part met something else`)
    if (first.kind !== 'data') return first
    return { kind: 'data', data: this.join(elements.map((element) => (element as { data: ResultBuffer }).data)) }
  }

  private join(buffers: readonly ResultBuffer[]): ResultBuffer {
    const [{ rows, current, untaken = 0 }] = buffers as [ResultBuffer]
    if (buffers.some((buffer) => buffer.rows.length !== rows.length)) throw outOfStep('the parts gave unequal numbers of rows')
    if (buffers.some((buffer) => buffer.current.size !== current.size)) throw outOfStep('the parts gave the newest rows of other keys')
    return {
      rows: rows.map((_, i) => this.rows.of(buffers.map((buffer) => buffer.rows[i]))),
      current: new Map([...current.keys()].map((key) => [key, this.rows.of(buffers.map((buffer) => buffer.current.get(key)))])),
      untaken,
    }
  }
}

/** Rows of the parts → the row of the view. */
export class RowJoin {
  private readonly places: readonly (readonly number[])[]
  private readonly width: number

  /** `places`: by part, where its features stand among those of the view. */
  constructor(places: readonly (readonly number[])[]) {
    this.places = places
    this.width = places.reduce((sum, ofPart) => sum + ofPart.length, 0)
  }

  values(parts: readonly (readonly Value[])[]): Value[] {
    const values: Value[] = new Array(this.width).fill(null)
    for (let p = 0; p < parts.length; p++) {
      const own = this.places[p]!
      for (let i = 0; i < own.length; i++) values[own[i]!] = parts[p]![i]!
    }
    return values
  }

  of(rows: readonly (ResultRow | undefined)[]): ResultRow {
    const first = rows[0]
    for (const row of rows)
      if (!first || !row || !isSame(row, first)) throw outOfStep(`the parts gave other rows (key ${row?.key ?? first?.key})`)
    return { ...first!, values: this.values(rows.map((row) => row!.values)) }
  }
}

const isSame = (a: ResultRow, b: ResultRow): boolean =>
  a.key === b.key && a.offset === b.offset && a.partition === b.partition && isSameVersion(a.version, b.version)

export const isSameVersion = (a: readonly number[] | null | undefined, b: readonly number[] | null | undefined): boolean =>
  a === b || (!!a && !!b && a.every((number, i) => number === b[i]))

const outOfStep = (what: string) => new Error(`The parts of a view that is split by feature do not go in step: ${what}.`)
