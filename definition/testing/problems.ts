/** Short forms for tests: a view around one expression, and its problems as `line:column code`. */
import type { Problem, StreamSchema } from '../model.ts'
import { parseViewSync } from '../parse-sql.ts'
import { printExpr } from '../print-sql.ts'
import { ALL_TYPES } from './streams.ts'

export const WINDOW = "WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"

/** Column 8 is where the expression starts. */
export const around = (expression: string) => `SELECT ${expression} AS x\nFROM events ${WINDOW}`

export function problemsOf(sql: string, streams: readonly StreamSchema[] = [ALL_TYPES]): string[] {
  return parseViewSync(sql, streams).problems.map(shortly)
}

export const shortly = ({ line, column, code }: Problem) => `${line}:${column} ${code}`

/** The expression as it is understood, and its type; or its problems. */
export function understood(expression: string): string {
  const { checked, problems } = parseViewSync(around(expression), [ALL_TYPES])
  const [feature] = checked?.definition.features ?? []
  if (!feature) return problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`).join('\n')
  return `${printExpr(feature.expr)} → ${checked?.featureTypes[0]?.type}`
}
