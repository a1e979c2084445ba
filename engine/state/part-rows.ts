/**
 * A key group of a job that is split by feature: the rows of the whole view and those of its parts, each into the other. All parts keep
 * the same rows of the same keys; what differs is their columns, and the bases of their aggregates.
 */
import type { PartOfState } from '../plan/feature-parts.ts'
import type { Value } from '../sink/port.ts'
import { encodeGroup, type WaitingRow } from './codec.ts'
import { KeyRows } from './key-rows.ts'
import { readAnyGroup } from './read-any-group.ts'

/** What the part keeps of a group of the whole view. */
export function partOfGroup(group: number, whole: Uint8Array, { columns, aggregates }: PartOfState): Uint8Array {
  const { keys, waiting } = readAnyGroup(group, whole)
  const pick = (values: readonly Value[]): Value[] => columns.map((column) => values[column]!)
  const parts = keys.map((rows) => {
    const part = sameRows(rows, columns.length)
    part.columns = columns.map((column) => rows.columns[column]!.slice(rows.head))
    part.bases = rows.bases && aggregates.map((aggregate) => rows.bases![aggregate]!)
    part.dropped = rows.dropped && { timeMs: rows.dropped.timeMs, columns: pick(rows.dropped.columns) }
    return part
  })
  return encodeGroup(
    parts,
    waiting.map((row) => ({ ...row, columns: pick(row.columns) })),
  )
}

/** The group of the whole view. @throws where the parts do not hold the same rows */
export function joinGroup(group: number, parts: readonly { readonly part: PartOfState; readonly bytes: Uint8Array }[]): Uint8Array {
  const read = parts.map(({ part, bytes }) => ({ part, ...readAnyGroup(group, bytes) }))
  const [first] = read
  const width = first!.part.of
  const byKey = read.map(({ keys }) => new Map(keys.map((rows) => [rows.key, rows])))
  const keys = first!.keys.map((rows) => {
    const whole = sameRows(rows, width.columns)
    const hasBases = byKey.some((ofPart) => ofPart.get(rows.key)?.bases)
    if (hasBases) whole.bases = new Array(width.aggregates).fill(null)
    if (rows.dropped) whole.dropped = { timeMs: rows.dropped.timeMs, columns: new Array(width.columns).fill(null) }
    for (const [p, { part }] of read.entries()) {
      const own = byKey[p]!.get(rows.key)
      if (!own || !isSame(own, rows)) throw new Error(`its parts do not hold the same rows of the key ${rows.key}`)
      for (const [c, column] of part.columns.entries()) {
        whole.columns[column] = own.columns[c]!.slice(own.head)
        if (own.dropped) whole.dropped!.columns[column] ??= own.dropped.columns[c]! // a part that asks for none of them keeps none
      }
      for (const [a, aggregate] of part.aggregates.entries()) if (own.bases) whole.bases![aggregate] = own.bases[a]!
    }
    return whole
  })
  return encodeGroup(keys, joinWaiting(read, width.columns))
}

function joinWaiting(
  parts: readonly { readonly part: PartOfState; readonly waiting: readonly WaitingRow[] }[],
  width: number,
): WaitingRow[] {
  const rows = new Map(
    parts[0]!.waiting.map((row) => [positionText(row), { ...row, columns: new Array<Value>(width).fill(null) }] as const),
  )
  for (const { part, waiting } of parts) {
    if (waiting.length !== rows.size) throw new Error('its parts do not hold the same waiting rows')
    for (const row of waiting) {
      const whole = rows.get(positionText(row))
      if (!whole) throw new Error(`not all of its parts hold the waiting row at ${positionText(row)}`)
      for (const [c, column] of part.columns.entries()) whole.columns[column] = row.columns[c]!
    }
  }
  return [...rows.values()]
}

const positionText = ({ partition, offset }: { partition: number; offset: number }) => `${partition}:${offset}`

function sameRows(rows: KeyRows, columnCount: number): KeyRows {
  const same = new KeyRows(rows.key, rows.group, columnCount)
  same.times = rows.times.slice(rows.head)
  same.partitions = rows.partitions.slice(rows.head)
  same.offsets = rows.offsets.slice(rows.head)
  same.columns = same.columns.map(() => new Array<Value>(same.times.length).fill(null))
  same.asOfMs = rows.asOfMs
  same.asOfPartition = rows.asOfPartition
  same.asOfOffset = rows.asOfOffset
  same.applied = rows.applied
  same.settledMs = rows.settledMs
  return same
}

function isSame(a: KeyRows, b: KeyRows): boolean {
  return (
    a.rowCount === b.rowCount &&
    a.applied === b.applied &&
    a.asOfMs === b.asOfMs &&
    a.settledMs === b.settledMs &&
    a.dropped?.timeMs === b.dropped?.timeMs &&
    (a.rowCount === 0 || (a.times[a.head] === b.times[b.head] && a.times.at(-1) === b.times.at(-1)))
  )
}
