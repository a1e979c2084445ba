/**
 * Stable identities. A feature's id is a hash of what it *means*: its expression with other columns inlined and window
 * names replaced by their frames, over the view's stream or union, key, WHERE and order; never of names or topology.
 * State found under an id may be taken over by any feature with that id.
 */
import { sha256Hex } from './hash.ts'
import { DAY_MS } from './interval.ts'
import {
  type Bound,
  type Expr,
  GROUP_WINDOW,
  type GroupWindow,
  type Interval,
  type RowBound,
  UNION_EVENT_TIME,
  type ViewDefinition,
  type Window,
} from './model.ts'

const ID_LENGTH = 32 // hex digits: 128 bits

/** Ids in the order of `features`. The definition must be sound (checked). */
export function featureIds(definition: ViewDefinition): string[] {
  const view = viewMeaning(definition)
  const frames = new Map<string, unknown>(definition.windows.map((window) => [window.name, frame(window)]))
  if (definition.group) frames.set(GROUP_WINDOW, 'group') // which one stands in the view's meaning
  const meanings = new Map<string, unknown>()
  const code = new Map(definition.code?.map(({ name, hash }) => [name, hash]))
  const columns = columnMeanings(definition)
  return definition.features.map(({ name, expr }) => {
    const own = meaning(expr, { features: meanings, frames, code, columns })
    if (!meanings.has(name)) meanings.set(name, own)
    return sha256Hex(canonicalJson({ view, expr: own })).slice(0, ID_LENGTH)
  })
}

/** Equal for versions whose rows are the same rows: of the same events and keys, judged in the same order. */
export function rowMeaning(definition: ViewDefinition): string {
  return sha256Hex(canonicalJson(viewMeaning(definition))).slice(0, ID_LENGTH)
}

function viewMeaning(definition: ViewDefinition) {
  const { key, where, hints, group } = definition
  return {
    stream: sourceMeaning(definition),
    key,
    where: where ? meaning(where, { columns: columnMeanings(definition) }) : null,
    order: hints.order ?? 'arrival',
    ...(group && { group: groupMeaning(group) }),
  }
}

/** Which events a view reads, when they were and whose they are, before its own WHERE. A stream is known by its name. */
export function sourceMeaning({ stream, union, key }: ViewDefinition): unknown {
  if (!union) return stream
  return union.map(({ stream: name, columns, where }) => ({
    stream: name,
    where: where ? meaning(where, {}) : null,
    rows: columns.filter((column) => column.name === UNION_EVENT_TIME || key.includes(column.name)).map(({ expr }) => meaning(expr, {})),
  }))
}

/** What a column of a union means is what it is in each branch, whatever its name: one more column changes no other. */
function columnMeanings({ union }: ViewDefinition): ReadonlyMap<string, unknown> {
  const names = union?.[0]?.columns.map(({ name }) => name) ?? []
  return new Map(names.map((name, c) => [name, union?.map(({ columns }) => meaning(columns[c]!.expr, {}))]))
}

function groupMeaning({ kind, ...lengths }: GroupWindow): unknown[] {
  return [kind, Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, interval(length)]))]
}

/** Equal for equal definitions, names and hints included: a saved edit with the same hash makes no new version. */
export function definitionHash(definition: ViewDefinition): string {
  return sha256Hex(canonicalJson(definition)).slice(0, ID_LENGTH)
}

/** By name: the columns of the view, its windows, the features in TypeScript that it calls, and the columns of its union. */
type Meanings = {
  features?: ReadonlyMap<string, unknown>
  frames?: ReadonlyMap<string, unknown>
  code?: ReadonlyMap<string, string>
  columns?: ReadonlyMap<string, unknown>
}

/** Every node becomes the hash of itself over its children's hashes: a long chain of columns over columns stays linear. */
function meaning(expr: Expr, { features, frames, code, columns }: Meanings): unknown {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const node = value as Record<string, unknown>
    if (node.kind === 'feature') return features?.get(String(node.name)) ?? node
    if (node.kind === 'field' && columns?.has(String(node.name))) return columns.get(String(node.name))
    const copy: Record<string, unknown> = {}
    for (const [key, child] of Object.entries(node)) {
      if (node.kind === 'interval' && key === 'value') copy[key] = interval(child as Interval)
      else if (node.kind === 'code' && key === 'feature') copy[key] = code?.get(String(child))
      else copy[key] = node.kind === 'aggregate' && key === 'window' ? frames?.get(String(child)) : walk(child)
    }
    return 'kind' in node ? sha256Hex(canonicalJson(copy)) : copy
  }
  return walk(expr)
}

/** What is not said has no place in it: the ids of plain frames are those of the first build. */
function frame({ mode, start, end, exclude, maxRows, precision }: Window): unknown[] {
  const more = exclude || maxRows !== undefined || precision ? [{ exclude, maxRows, precision: precision && interval(precision) }] : []
  return [mode, bound(start), bound(end), ...more]
}

/** The row that lies no row back is the current one. */
function bound(end: Bound | RowBound): unknown {
  if (end.kind === 'rows') return end.count === 0 ? 'current' : { rows: end.count }
  return end.kind === 'preceding' ? interval(end.interval) : end.kind
}

/** A day is 24 hours: `1 day` and `24 hours` mean the same. Months stay apart. */
function interval({ months, days, ms }: Interval): unknown {
  return { months, ms: days * DAY_MS + ms }
}

/** JSON with sorted keys and without undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`
}
