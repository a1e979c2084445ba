/**
 * SQL → checked definition. PostgreSQL's own parser (libpg-query, WASM) gives the tree; names, windows and hints are read
 * from it, then the checks of `check-view.ts` run over the result. Never throws on any text; reports as many problems as
 * can be told apart.
 */
import { hasSqlDetails, loadModule, parseSync, type Node, type SelectStmt } from 'libpg-query'
import { type CheckResult, checkPlaced, inOrder, Places, problem } from './check-view.ts'
import { isDeeper, MAX_DEFINITION_DEPTH, MAX_TREE_DEPTH } from './depth.ts'
import type { CodeFeature, Problem, StreamSchema, ViewDefinition } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import { readHints } from './read-hints.ts'
import { readSelect } from './read-select.ts'
import { SourceText, START } from './source-text.ts'
import { SqlTokens } from './sql-tokens.ts'

/** Longer than any real view. */
export const MAX_SQL_LENGTH = 100_000

export type ParseViewResult = CheckResult

/** Loads the parser's WASM once; after that `parseViewSync` may be used. */
export async function loadParser(): Promise<void> {
  await loadModule()
}

/** `code`: the features in TypeScript that the view may call. */
export async function parseView(
  sql: string,
  streams: readonly StreamSchema[],
  code: readonly CodeFeature[] = [],
): Promise<ParseViewResult> {
  await loadParser()
  return parseViewSync(sql, streams, code)
}

/** As `parseView`, after `await loadParser()`. */
export function parseViewSync(sql: string, streams: readonly StreamSchema[], code: readonly CodeFeature[] = []): ParseViewResult {
  const refused = refuseText(sql)
  if (refused) return { problems: [refused] }
  let statements: { stmt?: Node; stmt_location?: number }[]
  let tokens: SqlTokens
  try {
    statements = parseSync(sql).stmts ?? []
    tokens = new SqlTokens(sql)
  } catch (error) {
    return { problems: [syntaxProblem(error, sql)] }
  }
  return readStatements(statements, tokens, streams, code)
}

function refuseText(sql: string): Problem | undefined {
  const source = new SourceText(sql)
  if (sql.trim() === '') return problem('empty', START, 'there is no SQL yet', 'SELECT … FROM stream WINDOW w AS (…)')
  if (sql.length > MAX_SQL_LENGTH)
    return problem('too_long', source.fromUnit(MAX_SQL_LENGTH), `the text is longer than ${MAX_SQL_LENGTH} characters`)
  const bad = sql.search(/\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/)
  if (bad >= 0) return problem('bad_character', source.fromUnit(bad), 'this character cannot stand in SQL', 'delete it')
  return undefined
}

function syntaxProblem(error: unknown, sql: string): Problem {
  const source = new SourceText(sql)
  if (error instanceof RangeError) return problem('too_long', START, 'the SQL is nested too deeply')
  if (!hasSqlDetails(error) || !error.sqlDetails)
    return problem('syntax_error', START, error instanceof Error ? error.message : String(error))
  const { message, cursorPosition } = error.sqlDetails
  if (/memory exhausted/.test(message)) return problem('too_long', source.fromCodePoint(cursorPosition), 'the SQL is nested too deeply')
  // error positions count code points, those in the tree bytes
  const place = source.fromCodePoint(cursorPosition)
  const near = /at or near "(.*)"$/s.exec(message)?.[1]
  if (message.startsWith('frame ')) return problem('swapped_frame', place, message, 'the far end comes first: swap the two bounds')
  const width = near === undefined || near.includes('\n') ? 0 : [...near].length
  return problem('syntax_error', width > 0 ? { ...place, endColumn: place.column + width } : place, message, syntaxHint(near, sql))
}

function syntaxHint(near: string | undefined, sql: string): string | undefined {
  if (near === undefined) return undefined
  const word = near.toLowerCase()
  if (word === 'ignore' || word === 'respect') return 'IGNORE NULLS is not available yet; a FILTER (WHERE x IS NOT NULL) does the same'
  if (word === 'qualify') return 'QUALIFY is not available'
  if (/^\d/.test(word) && /interval\s+\d/i.test(sql)) return "the number of an INTERVAL stands in quotes: INTERVAL '3' HOUR"
  if (word === 'preceding' || word === 'hour') return "INTERVAL stands before each bound: INTERVAL '3' HOUR PRECEDING"
  if (['from', 'where', 'window', ')'].includes(word)) return 'look for a comma too many or something missing just before'
  return undefined
}

function readStatements(
  statements: readonly { stmt?: Node; stmt_location?: number }[],
  tokens: SqlTokens,
  streams: readonly StreamSchema[],
  code: readonly CodeFeature[],
): ParseViewResult {
  const [first, second] = statements
  if (!first?.stmt)
    return { problems: [problem('empty', START, 'there is no SQL yet, only comments', 'SELECT … FROM stream WINDOW w AS (…)')] }
  if (second) {
    const at = tokens.find(second.stmt_location ?? 0, (text) => text !== ';')
    return {
      problems: [problem('several_statements', tokens.place(at?.start), 'a view is one SELECT', 'delete what follows the first one')],
    }
  }
  const start = tokens.place(tokens.first()?.start)
  if (!('SelectStmt' in first.stmt)) return { problems: [problem('not_a_select', start, 'a view is a SELECT')] }
  if (isDeeper(first.stmt, MAX_TREE_DEPTH)) return { problems: [problem('too_long', start, 'the SQL is nested too deeply')] }
  return readView(first.stmt.SelectStmt, tokens, streams, code)
}

function readView(select: SelectStmt, tokens: SqlTokens, streams: readonly StreamSchema[], code: readonly CodeFeature[]): ParseViewResult {
  const problems: Problem[] = []
  const places = new Places()
  const unread = new WeakSet<object>()
  const { hints, windowHints, problems: hintProblems, orderPlace } = readHints(tokens)
  problems.push(...hintProblems)
  const report = (code: ProblemCode, byte: number | undefined, message: string, hint?: string) => {
    problems.push(problem(code, tokens.place(byte), message, hint))
  }
  const read = readSelect(select, { tokens, places, unread, streams, code, windowHints, problem: report })
  if (!read) return { problems: inOrder(problems) }
  const definition: ViewDefinition = { ...read.definition, hints }
  if (isDeeper(definition, MAX_DEFINITION_DEPTH)) {
    const what = 'the view is nested too deeply: a chain of AND, OR or + counts one level for each'
    return { problems: [problem('too_long', tokens.place(tokens.first()?.start), what, 'use IN (…) for a long list')] }
  }
  places.set(definition, '', tokens.place(read.streamByte))
  if (orderPlace) places.set(definition, 'hints', orderPlace)
  for (const [i, byte] of read.keyBytes.entries()) places.set(definition, `key.${i}`, tokens.place(byte))
  const result = checkPlaced(definition, read.isKnown ? streams : [], places, unread, code)
  const known = new Set(problems.map(({ line, column, code }) => `${line}:${column}:${code}`))
  const all = inOrder([
    ...problems,
    ...(read.isKnown ? result.problems.filter(({ line, column, code }) => !known.has(`${line}:${column}:${code}`)) : []),
  ])
  return all.length > 0 ? { problems: all } : result
}
