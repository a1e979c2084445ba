/** Group windows in DuckDB's words: time_bucket for TUMBLE and HOP, gaps and islands for SESSION. */
import { quoteName } from '../../definition/identifiers.ts'
import { roughMs } from '../../definition/interval.ts'
import type { Expr, GroupWindow, ViewDefinition } from '../../definition/model.ts'
import { intervalSql } from '../../definition/print-sql.ts'

export const WINDOW_START = '__window_start'
export const WINDOW_END = '__window_end'
const EPOCH = "TIMESTAMP '1970-01-01'"

/** The relation's rows, each once for every window that holds it, with the window's edges. `time` and `relation` are SQL names. */
export function windowedSql(group: GroupWindow, key: readonly string[], time: string, relation: string): string {
  if (group.kind === 'session') {
    const keys = key.map(quoteName).join(', ')
    const gap = intervalSql(group.gap)
    return `SELECT *, MIN(${time}) OVER session AS ${WINDOW_START}, MAX(${time}) OVER session + ${gap} AS ${WINDOW_END}
  FROM (SELECT *, SUM(__begins) OVER (PARTITION BY ${keys} ORDER BY ${time} RANGE UNBOUNDED PRECEDING) AS __session
    FROM (SELECT *, CASE WHEN ${time} - LAG(${time}) OVER (PARTITION BY ${keys} ORDER BY ${time}) < ${gap} THEN 0 ELSE 1 END AS __begins FROM ${relation}))
  WINDOW session AS (PARTITION BY ${keys}, __session)`
  }
  const { size } = group
  const slide = group.kind === 'hop' ? group.slide : size
  const hops = group.kind === 'hop' ? Math.ceil(roughMs(size) / roughMs(slide)) : 1
  const starts = `SELECT *, time_bucket(${intervalSql(slide)}, ${time}, ${EPOCH}) - __hop * ${intervalSql(slide)} AS ${WINDOW_START}
    FROM ${relation}, range(0, ${hops}) AS hops(__hop)`
  return `SELECT *, ${WINDOW_START} + ${intervalSql(size)} AS ${WINDOW_END}
  FROM (${starts})
  WHERE ${WINDOW_START} + ${intervalSql(size)} > ${time}`
}

/** Edges of the window, and fields of its last event, as they stand in the statement below. */
export function windowLeaf(slotOf: (aggregate: Extract<Expr, { kind: 'aggregate' }>) => Expr): (expr: Expr) => Expr | undefined {
  return (expr) => {
    if (expr.kind === 'windowEdge') return { kind: 'field', name: expr.edge === 'start' ? WINDOW_START : WINDOW_END }
    return expr.kind === 'field' ? slotOf({ kind: 'aggregate', fn: 'last', args: [expr], window: '' }) : undefined
  }
}

/** One statement, a row per key and window: key, start, features, end. `aggregates` and `columns` with their names; `where` of the events. */
export function windowOracleSql(
  { group, key }: ViewDefinition & { group: GroupWindow },
  { time, where, aggregates, columns }: { time: string; where: string; aggregates: readonly string[]; columns: readonly string[] },
): string {
  const keys = key.map(quoteName)
  const named = keys.map((name, i) => `${name} AS __k${i}`)
  return `WITH taken AS (SELECT * FROM events${where}),
windowed AS (${windowedSql(group, key, time, 'taken')}),
rows AS (SELECT ${[...named, WINDOW_START, WINDOW_END, ...aggregates].join(', ')}
  FROM (SELECT *, ${WINDOW_END} AS __rt FROM windowed)
  GROUP BY ${[...keys, WINDOW_START, WINDOW_END].join(', ')})
SELECT ${[...keys.map((_, i) => `__k${i}`), WINDOW_START, ...columns, WINDOW_END].join(', ')} FROM rows`
}
