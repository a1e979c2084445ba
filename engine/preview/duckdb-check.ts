/**
 * The same rows computed by DuckDB and compared value by value. Aggregates are a join of each shown row with the events in its
 * frame, which says everything: FILTER on FIRST and LAST, ties by position, and arrival order (only events that had come).
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { DuckdbCheckAnswer } from '../../contract/engine-api.ts'
import { printExpr, intervalSql } from '../../definition/print-sql.ts'
import { halfLifeMs } from '../../definition/check-call.ts'
import { quoteName } from '../../definition/identifiers.ts'
import { roughMs } from '../../definition/interval.ts'
import type {
  AggregateName,
  Bound,
  Expr,
  RangeWindow,
  RowBound,
  RowsWindow,
  StreamSchema,
  ViewDefinition,
  Window,
} from '../../definition/model.ts'
import { DUCKDB_DIALECT } from './duckdb-dialect.ts'
import { append, plain, sameValue, sqlType } from './duckdb-values.ts'
import { windowLeaf, windowOracleSql } from './duckdb-windows.ts'
import { type PreviewRun, positionText } from './evaluate.ts'
import type { PreviewTask } from './preview-task.ts'
import type { Value } from '../sink/port.ts'

const MAX_EXAMPLES = 20
/** What depends on the order of rows that tie. */
const BY_POSITION: ReadonlySet<AggregateName> = new Set(['first', 'last', 'mode', 'arg_min', 'arg_max', 'list'])
const IMPRECISE = 'DuckDB does not compute it precisely enough to compare'
const OUTSIDE_FRAME = 'it looks beyond the window, which this check does not read'
const APPROXIMATE = 'DuckDB estimates it in another way, with an error of its own'
/** Why DuckDB is not asked. Its skewness and kurtosis lose digits where the mean is large. */
const NOT_IN_DUCKDB: Partial<Record<AggregateName, string>> = {
  skewness: IMPRECISE,
  skewness_pop: IMPRECISE,
  kurtosis: IMPRECISE,
  kurtosis_pop: IMPRECISE,
  lag: OUTSIDE_FRAME,
  time_since_last: OUTSIDE_FRAME,
  approx_count_distinct: APPROXIMATE,
  approx_quantile: APPROXIMATE,
}
type Aggregate = Extract<Expr, { kind: 'aggregate' }>

export async function checkAgainstDuckdb(task: PreviewTask, run: PreviewRun, tookMs: () => number): Promise<DuckdbCheckAnswer> {
  const { definition } = task.checked
  const statement = oracleSql({ definition, stream: task.checked.stream, order: task.order })
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  try {
    await loadEvents(connection, task, run)
    const skipped = skippedFeatures(definition)
    const names = definition.features.map((feature) => feature.name).filter((name) => !skipped.has(name))
    const result = await connection.runAndReadAll(statement)
    const nameColumns = definition.group ? definition.key.length + 1 : 2 // of the columns that name a row
    const nameOf = (row: readonly unknown[]) =>
      row
        .slice(0, nameColumns)
        .map((value) => plain(value, 'string'))
        .join(':')
    const theirs = new Map(result.getRowsJS().map((row) => [nameOf(row), row.slice(nameColumns)]))
    const answer: DuckdbCheckAnswer = {
      rows: run.rows.length,
      comparedFeatures: names,
      skippedFeatures: [...skipped].map(([name, why]) => ({ name, why })),
      differing: 0,
      examples: [],
      sql: statement,
      tookMs: 0,
    }
    const types = task.checked.featureTypes.map(({ type }) => type)
    for (const row of run.rows) {
      const name = definition.group ? [...(JSON.parse(row.key) as Value[]), row.window?.startMs] : [row.partition, row.offset]
      const other = theirs.get(name.join(':'))
      const position = positionText(task.checked, row)
      definition.features.forEach(({ name: feature }, i) => {
        if (skipped.has(feature)) return
        const ours = row.values[i] as Value
        const duckdb = other ? plain(other[i], types[i] as string) : null
        if (other && sameValue(ours, duckdb, types[i] as string)) return
        answer.differing++
        if (answer.examples.length < MAX_EXAMPLES) answer.examples.push({ position, key: row.key, feature, ours, duckdb })
      })
    }
    answer.tookMs = tookMs()
    return answer
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

export interface OracleQuestion {
  readonly definition: ViewDefinition
  readonly stream: StreamSchema
  readonly order: 'arrival' | 'event_time'
  /** each shown row stands for its key at this instant; missing: for its event, as it came */
  readonly atMs?: number
}

/** One statement: `shown` are the rows asked for, each aggregate is taken over the join with the events of its frame. */
export function oracleSql({ definition, stream, order, atMs }: OracleQuestion): string {
  const aggregates: Aggregate[] = []
  const slots = new Map<string, string>()
  const slotOf = (aggregate: Aggregate): Expr => {
    const text = JSON.stringify(aggregate)
    let slot = slots.get(text)
    if (!slot) {
      slot = `__a${aggregates.push(aggregate) - 1}`
      slots.set(text, slot)
    }
    return { kind: 'feature', name: slot }
  }
  const leaf = definition.group ? windowLeaf(slotOf) : undefined
  const replaced = definition.features.map(({ name, expr }) => ({ name, expr: replaceAggregates(expr, slotOf, leaf) }))
  const time = quoteName(stream.eventTime)
  const where = definition.where ? ` WHERE ${printExpr(definition.where)}` : ''
  const columns = replaced.map(({ name, expr }) => `${printExpr(expr)} AS ${quoteName(name)}`)
  if (definition.group) {
    const named = aggregates.map((aggregate, slot) => `${aggregateSql(aggregate, time)} AS __a${slot}`)
    return windowOracleSql({ ...definition, group: definition.group }, { time, where, aggregates: named, columns })
  }
  const sameKey = definition.key.map((name, i) => `${quoteName(name)} = __k${i}`).join(' AND ')
  const arrived = order === 'arrival' && atMs === undefined ? ' AND __arrival <= __ra' : ` AND ${time} <= __rt`
  const windows = [...new Set(aggregates.map((aggregate) => aggregate.window))]
  const ctes = windows.map((name, i) => {
    const window = definition.windows.find((candidate) => candidate.name === name) as Window
    const columns = aggregates.flatMap((aggregate, slot) =>
      aggregate.window === name ? [`${aggregateSql(aggregate, time)} AS __a${slot}`] : [],
    )
    const frame = frameSql(window, { sameKey: `${sameKey}${arrived}`, time })
    return `w${i} AS (SELECT __rp, __ro, ${columns.join(', ')}\n  FROM shown LEFT JOIN ${frame}\n  GROUP BY __rp, __ro)`
  })
  const joins = windows.map((_, i) => `\n  JOIN w${i} ON w${i}.__rp = __partition AND w${i}.__ro = __offset`).join('')
  return `WITH taken AS (SELECT * FROM events${where}),
shown AS (SELECT __partition AS __rp, __offset AS __ro, __arrival AS __ra, ${atMs === undefined ? time : `epoch_ms(${atMs})`} AS __rt, ${definition.key.map((name, i) => `${quoteName(name)} AS __k${i}`).join(', ')} FROM taken WHERE __shown)${ctes.map((cte) => `,\n${cte}`).join('')}
SELECT __partition, __offset, ${columns.join(', ')}
FROM (SELECT * FROM taken WHERE __shown)${joins}`
}

/** What follows LEFT JOIN: the rows in a shown row's frame, and when they are. */
function frameSql(window: Window, { sameKey, time }: { sameKey: string; time: string }): string {
  if (window.mode === 'range' && !window.exclude && window.maxRows === undefined)
    return `taken ON ${sameKey} AND ${boundsSql(window, time).join(' AND ')}`
  const newestFirst = `(PARTITION BY __rp, __ro ORDER BY ${time} DESC, __partition DESC, __offset DESC)`
  const isCurrent = '(__partition, __offset) = (__rp, __ro)'
  const left = {
    current_row: `NOT (${isCurrent})`,
    group: `${time} <> __rt`,
    ties: `(${time} <> __rt OR ${isCurrent})`,
  }
  const counted = window.mode === 'rows'
  // of rows counted back from the shown one, which is the first
  const known = `FROM shown JOIN taken ON ${sameKey}${counted ? ` AND (${time}, __partition, __offset) <= (__rt, __rp, __ro)` : ''}`
  const bounds = counted ? rowBoundsSql(window) : boundsSql(window, time)
  const inFrame = [...bounds, ...(window.exclude ? [left[window.exclude]] : [])].join(' AND ')
  const rows = `SELECT *, ROW_NUMBER() OVER ${newestFirst} AS __back ${known}`
  const frame = `SELECT *, ROW_NUMBER() OVER ${newestFirst} AS __newest FROM (${rows}) WHERE ${inFrame}`
  const cap = window.maxRows === undefined ? '' : ` WHERE __newest <= ${window.maxRows}`
  return `(SELECT * EXCLUDE (__rp, __ro, __ra, __rt), __rp AS __fp, __ro AS __fo FROM (${frame})${cap}) AS f ON (__fp, __fo) = (__rp, __ro)`
}

function rowBoundsSql({ start, end }: RowsWindow): string[] {
  const back = (bound: RowBound) => 1 + (bound.kind === 'rows' ? bound.count : 0)
  return [`__back >= ${back(end)}`, ...(start.kind === 'unbounded' ? [] : [`__back <= ${back(start)}`])]
}

/** Where a window keeps panes, both ends are rounded outwards to whole ones. */
function boundsSql({ start, end, precision }: RangeWindow, time: string): string[] {
  const width = precision && roughMs(precision)
  const paneOf = (instant: string) => `FLOOR(EPOCH_MS(${instant}) / ${width})`
  const compare = (operator: '>=' | '<=', bound: Bound) =>
    width ? `${paneOf(time)} ${operator} ${paneOf(earlier(bound))}` : `${time} ${operator} ${earlier(bound)}`
  return [...(start.kind === 'unbounded' ? [] : [compare('>=', start)]), compare('<=', end)]
}

/** A bound as an instant, seen from the shown row. */
const earlier = (bound: Bound): string => (bound.kind === 'preceding' ? `__rt - ${intervalSql(bound.interval)}` : '__rt')

/** The row that a LEFT JOIN makes of nothing counts as no row. */
function aggregateSql(aggregate: Aggregate, time: string): string {
  const arg = aggregate.args[0]
  const conditions = [
    '__offset IS NOT NULL',
    ...(aggregate.filter ? [`(${printExpr(aggregate.filter)})`] : []),
    ...(aggregate.fn === 'count_if' && arg ? [`(${printExpr(arg)})`] : []),
  ]
  const filter = ` FILTER (WHERE ${conditions.join(' AND ')})`
  if (NOT_IN_DUCKDB[aggregate.fn]) return 'NULL::DOUBLE'
  // DuckDB's COUNT_IF of nothing is NULL; here it is 0, as COUNT's.
  if (aggregate.star || aggregate.fn === 'count_if') return `COUNT(*)${filter}`
  const position = `${time}, __partition, __offset`
  const order = BY_POSITION.has(aggregate.fn) ? ` ORDER BY ${position}` : ''
  const args = aggregate.args.map(printExpr)
  // DuckDB's lists of the largest have no order among equals, its distinct lists none at all.
  if (aggregate.fn.startsWith('arg_') && args.length === 3) {
    const known = `${filter.slice(0, -1)} AND (${args[0]}) IS NOT NULL AND (${args[1]}) IS NOT NULL)`
    return `(LIST(${args[0]} ORDER BY ${args[1]} ${aggregate.fn === 'arg_max' ? 'DESC' : 'ASC'}, ${position})${known})[1:${args[2]}]`
  }
  if (aggregate.fn === 'list' && aggregate.distinct) {
    const all = `LIST(${args[0]}${order})${filter}`
    return `list_filter(${all}, lambda __x, __i: list_position(${all}, __x) = __i)`
  }
  // DuckDB rounds these to the scale of a decimal; here they are doubles.
  if (aggregate.fn === 'median' || aggregate.fn === 'quantile_cont') args[0] = `(${args[0]})::DOUBLE`
  if (aggregate.fn === 'exp_decay_sum')
    return `SUM((${args[0]})::DOUBLE * POW(2, (epoch_ms(${time}) - epoch_ms(__rt)) / ${halfLifeMs(aggregate.args[1])}))${filter}`
  const call = `${aggregate.fn.toUpperCase()}(${aggregate.distinct ? 'DISTINCT ' : ''}${args.join(', ')}${order})${filter}`
  return aggregate.fn === 'entropy' ? `COALESCE(${call}, 0)` : call
}

/** Features that DuckDB cannot check, directly or through another one, with the reason. */
export function skippedFeatures(definition: ViewDefinition): Map<string, string> {
  const skipped = new Map<string, string>()
  for (const { name, expr } of definition.features) {
    const why = reasonToSkip(expr, skipped)
    if (why) skipped.set(name, why)
  }
  return skipped
}

function reasonToSkip(node: unknown, skipped: ReadonlyMap<string, string>): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if (isExpr(node) && node.kind === 'aggregate' && NOT_IN_DUCKDB[node.fn]) return `${node.fn.toUpperCase()}: ${NOT_IN_DUCKDB[node.fn]}`
  if (isExpr(node) && node.kind === 'code') return `${node.feature}: it is written in TypeScript, which DuckDB does not run`
  if (isExpr(node) && node.kind === 'feature' && skipped.has(node.name)) return skipped.get(node.name)
  for (const child of Object.values(node)) {
    const why = reasonToSkip(child, skipped)
    if (why) return why
  }
  return undefined
}

function replaceAggregates(expr: Expr, replace: (aggregate: Aggregate) => Expr, leaf?: (expr: Expr) => Expr | undefined): Expr {
  if (expr.kind === 'aggregate') return replace(expr)
  if (expr.kind === 'code') return { kind: 'literal', type: 'null', value: null } // skipped, with all that uses it
  const replaced = leaf?.(expr)
  if (replaced) return replaced
  const out = { ...expr } as Record<string, unknown>
  for (const [name, value] of Object.entries(expr)) {
    if (Array.isArray(value))
      out[name] = value.map((item: unknown) =>
        isExpr(item)
          ? replaceAggregates(item, replace, leaf)
          : isBranch(item)
            ? { when: replaceAggregates(item.when, replace, leaf), then: replaceAggregates(item.then, replace, leaf) }
            : item,
      )
    else if (isExpr(value)) out[name] = replaceAggregates(value, replace, leaf)
  }
  return out as Expr
}
const isExpr = (value: unknown): value is Expr =>
  typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string'
const isBranch = (value: unknown): value is { when: Expr; then: Expr } =>
  typeof value === 'object' && value !== null && 'when' in value && 'then' in value

async function loadEvents(connection: DuckDBConnection, task: PreviewTask, run: PreviewRun): Promise<void> {
  const { stream } = task.checked
  const shown = new Set(run.rows.map((row) => `${row.partition}:${row.offset}`))
  const columns = stream.fields.map((field) => `${quoteName(field.name)} ${sqlType(field.type)}`)
  await connection.run(
    `CREATE TABLE events (__arrival BIGINT, __partition INTEGER, __offset BIGINT, __shown BOOLEAN, ${columns.join(', ')})`,
  )
  for (const statement of DUCKDB_DIALECT) await connection.run(statement)
  const appender = await connection.createAppender('events')
  for (const [i, event] of run.events.entries()) {
    appender.appendBigInt(BigInt(i))
    appender.appendInteger(event.partition)
    appender.appendBigInt(BigInt(event.offset))
    appender.appendBoolean(shown.has(`${event.partition}:${event.offset}`))
    stream.fields.forEach((field, i) => append(appender, field.type, event.values[i] ?? null))
    appender.endRow()
  }
  appender.flushSync()
  appender.closeSync()
}
