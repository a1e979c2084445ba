/** Oracles of views with GROUP BY: a naive scan, window by window, and DuckDB. Rows by `key/start/end`, as the engine's are named. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { DAY_MS } from '../../definition/interval.ts'
import type { Expr, GroupWindow, Interval, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { printExpr } from '../../definition/print-sql.ts'
import { quoteName } from '../../definition/identifiers.ts'
import { WINDOW_END, WINDOW_START, windowedSql } from '../preview/duckdb-windows.ts'
import type { ResultRow, Value } from '../sink/port.ts'
import { inDuckdb, plainValue } from './duckdb.fixture.ts'
import { type NaiveEvent, naiveRows } from './naive.fixture.ts'

export type WindowRows = Map<string, readonly Value[]>

export const nameOf = (key: string, startMs: number, endMs: number) => `${key}/${startMs}/${endMs}`

/** The last row of each window: a correction takes the place of what was there, a session that of all that it covers. */
export function finalRows(rows: readonly ResultRow[], isSession = false): WindowRows {
  const byName = new Map<string, ResultRow>()
  for (const row of rows) {
    const { startMs, endMs } = row.window!
    if (isSession)
      for (const [name, { key, window }] of byName)
        if (key === row.key && window!.startMs >= startMs && window!.endMs <= endMs) byName.delete(name)
    byName.set(nameOf(row.key, startMs, endMs), row)
  }
  return new Map([...byName].map(([name, { values }]) => [name, values]))
}

const fixedMs = ({ days, ms }: Interval) => days * DAY_MS + ms

/** Every window of every event, found by counting on from the epoch; sessions by putting neighbours together. */
function windowsOf(group: GroupWindow, times: readonly number[]): Set<string> {
  const spans = new Set<string>()
  if (group.kind === 'session') {
    const gapMs = fixedMs(group.gap)
    const sorted = times.toSorted((a, b) => a - b)
    sorted.forEach((start, i) => {
      if (i > 0 && start - sorted[i - 1]! < gapMs) return
      let last = i
      while (last + 1 < sorted.length && sorted[last + 1]! - sorted[last]! < gapMs) last++
      spans.add(`${start}/${sorted[last]! + gapMs}`)
    })
    return spans
  }
  const size = group.size
  const slide = group.kind === 'hop' ? group.slide : size
  for (const time of times) {
    if (size.months > 0) {
      const date = new Date(time)
      const month = date.getUTCFullYear() * 12 + date.getUTCMonth() - 1970 * 12
      const first = month - (((month % size.months) + size.months) % size.months)
      spans.add(`${Date.UTC(1970, first)}/${Date.UTC(1970, first + size.months)}`)
      continue
    }
    const [slideMs, sizeMs] = [fixedMs(slide), fixedMs(size)]
    for (let start = Math.floor(time / slideMs) * slideMs; start + sizeMs > time; start -= slideMs) spans.add(`${start}/${start + sizeMs}`)
  }
  return spans
}

/** A window's values are those of its last event in a view whose frame is all of the window's events. */
export function naiveWindows(definition: ViewDefinition, stream: StreamSchema, events: readonly NaiveEvent[]): WindowRows {
  const { group, ...rest } = definition
  const keySlots = definition.key.map((name) => stream.fields.findIndex((field) => field.name === name))
  const taken = events.filter((_, i) => naiveRows({ ...asLifetime(rest, 0, 0), features: [] }, stream, events, 'event_time')[i] !== null)
  const rows: WindowRows = new Map()
  for (const key of new Set(taken.map(({ fields }) => JSON.stringify(keySlots.map((slot) => fields[slot]))))) {
    const own = taken.filter(({ fields }) => JSON.stringify(keySlots.map((slot) => fields[slot])) === key)
    for (const span of windowsOf(
      group!,
      own.map(({ timeMs }) => timeMs),
    )) {
      const [startMs, endMs] = span.split('/').map(Number) as [number, number]
      const inside = own
        .filter(({ timeMs }) => timeMs >= startMs && timeMs < endMs)
        .sort((a, b) => a.timeMs - b.timeMs || a.partition - b.partition || a.offset - b.offset)
      rows.set(nameOf(key, startMs, endMs), naiveRows(asLifetime(rest, startMs, endMs), stream, inside, 'event_time').at(-1)!)
    }
  }
  return rows
}

function asLifetime(definition: ViewDefinition, startMs: number, endMs: number): ViewDefinition {
  const edge = (ms: number): Expr => ({
    kind: 'cast',
    arg: { kind: 'literal', type: 'string', value: new Date(ms).toISOString().replace('T', ' ').replace('Z', '') },
    type: 'timestamp',
  })
  return {
    ...definition,
    windows: [{ name: 'w', mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'current' } }],
    features: definition.features.map(({ name, expr }) => ({
      name,
      expr: mapNodes(expr, (node) => {
        if (node.kind === 'aggregate') return { ...node, window: 'w' }
        return node.kind === 'windowEdge' ? edge(node.edge === 'start' ? startMs : endMs) : node
      }),
    })),
  }
}

/** The same by DuckDB: GROUP BY over the events of each window. */
export async function duckdbWindows(
  duckdb: DuckDBConnection,
  definition: ViewDefinition,
  time: string,
  types: readonly string[],
): Promise<WindowRows> {
  const { group, key, where, features } = definition
  const columns = features.map(({ name, expr }) => {
    const edges = mapNodes(inDuckdb(expr), (node) =>
      node.kind === 'windowEdge' ? { kind: 'field', name: node.edge === 'start' ? WINDOW_START : WINDOW_END } : node,
    )
    return `${printExpr(edges)} AS ${quoteName(name)}`
  })
  const taken = `(SELECT * FROM ${quoteName(definition.stream)}${where ? ` WHERE ${printExpr(inDuckdb(where))}` : ''})`
  const keys = key.map(quoteName).join(', ')
  const result = await duckdb.runAndReadAll(
    `SELECT to_json([${key.map((name) => `to_json(${quoteName(name)})`).join(', ')}])::VARCHAR, epoch_ms(${WINDOW_START})::DOUBLE, epoch_ms(${WINDOW_END})::DOUBLE,
       ${features.map(({ name }, i) => plainValue(quoteName(name), types[i]!)).join(', ')}
     FROM (SELECT ${keys}, ${WINDOW_START}, ${WINDOW_END}, ${columns.join(', ')}
       FROM (${windowedSql(group!, key, quoteName(time), taken)})
       GROUP BY ${keys}, ${WINDOW_START}, ${WINDOW_END})`,
  )
  return new Map(result.getRows().map(([k, start, end, ...values]) => [nameOf(String(k), Number(start), Number(end)), values as Value[]]))
}

/** Every node below and the expression itself, from the leaves up. */
function mapNodes(expr: Expr, change: (node: Expr) => Expr): Expr {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const copy = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, walk(child)]))
    return 'kind' in copy ? change(copy as Expr) : copy
  }
  return walk(expr) as Expr
}
