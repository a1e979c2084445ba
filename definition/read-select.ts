/** A SELECT statement's clauses → definition. What this build does not run is named where it stands. */
import type { Node, RangeVar, ResTarget, SelectStmt } from 'libpg-query'
import type { Places } from './check-view.ts'
import { listNames } from './check-scope.ts'
import { findName } from './identifiers.ts'
import type { CodeFeature, Expr, Feature, StreamSchema, ViewDefinition } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import { readExpr } from './read-expr.ts'
import { type Grouping, readGrouping } from './read-group.ts'
import type { WindowHint } from './read-hints.ts'
import { WindowReader } from './read-windows.ts'
import type { SqlTokens } from './sql-tokens.ts'
import { didYouMean } from './suggest.ts'

export type SelectContext = {
  tokens: SqlTokens
  places: Places
  unread: WeakSet<object>
  streams: readonly StreamSchema[]
  windowHints: readonly WindowHint[]
  code: readonly CodeFeature[]
  problem: (code: ProblemCode, byte: number | undefined, message: string, hint?: string) => void
}
type ReadSelect = { definition: Omit<ViewDefinition, 'hints'>; stream: StreamSchema | undefined; streamByte: number; keyBytes: number[] }

export function readSelect(select: SelectStmt, context: SelectContext): ReadSelect | undefined {
  const { tokens, places, problem } = context
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const word = tokens.find(0, (text) => text === 'union' || text === 'intersect' || text === 'except')
    problem('not_yet', word?.start, 'a view over several streams (UNION ALL) is not available yet')
    return undefined
  }
  if (select.valuesLists?.length) {
    problem('not_a_select', tokens.first()?.start, 'a view is a SELECT over a stream')
    return undefined
  }
  refuseClauses(select, context)
  const from = readFrom(select, context)
  if (!from) return undefined
  const { stream, qualifiers } = from
  const targets = readTargets(select, from.byte, context)
  const names = targets.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const base = {
    tokens,
    places,
    unread: context.unread,
    fields: stream?.fields.map(({ name }) => name) ?? [],
    featuresSoFar: [] as string[],
    allFeatures: names,
    qualifiers,
    isGroup: (select.groupClause?.length ?? 0) > 0,
    code: context.code,
    problem,
  }
  const windowReader = new WindowReader(base, stream?.eventTime)
  windowReader.readClause(select.windowClause ?? [])
  windowReader.applyHints(context.windowHints)
  const grouping = readGrouping(select, base, stream?.eventTime)
  const full: ReadContext = {
    ...base,
    windowOf: (over) => windowReader.windowOf(over),
    partitionOf: (over) => windowReader.partitionOf(over),
  }
  const features: Feature[] = []
  const where = select.whereClause && readExpr(select.whereClause, { ...full, featuresSoFar: [] })
  for (const target of targets) {
    const expr = readExpr(target.node, full)
    const name = target.name ?? ownName(expr)
    if (name === undefined) {
      if (!context.unread.has(expr))
        problem('no_alias', firstLocation(target.node) ?? target.byte, 'this column has no name', 'add AS and a name')
      continue
    }
    const feature: Feature = { name, expr }
    places.set(feature, 'name', tokens.place(target.aliasByte ?? target.byte))
    features.push(feature)
    full.featuresSoFar.push(name)
  }
  return finish(select, context, { stream, features, where, windowReader, grouping, from })
}

/** What stands without AS and has a name all the same. */
function ownName(expr: Expr): string | undefined {
  if (expr.kind === 'windowEdge') return `window_${expr.edge}`
  return expr.kind === 'field' ? expr.name : undefined
}

type Parts = {
  stream: StreamSchema | undefined
  features: Feature[]
  where: ViewDefinition['where']
  windowReader: WindowReader
  grouping: Grouping | undefined
  from: From
}

function finish(select: SelectStmt, context: SelectContext, { stream, features, where, windowReader, grouping, from }: Parts): ReadSelect {
  const { names: key, bytes: keyBytes } = grouping?.key ?? windowReader.key ?? { names: [], bytes: [] }
  const start = context.tokens.first()?.start
  // a key column may be selected: it is the key, no feature; this is known only when all windows are read
  const kept = features.filter(({ name, expr }) => !(expr.kind === 'field' && expr.name === name && key.includes(name)))
  const usesWindow = windowReader.windows.length > 0 || windowReader.key !== undefined
  if (!grouping && !usesWindow && !select.windowClause?.length && !mentionsOver(select.targetList))
    context.problem('no_window', start, 'the view has no window', 'add WINDOW w AS (PARTITION BY … ORDER BY … RANGE …) and OVER w')
  else if (kept.length === 0 && (select.targetList?.length ?? 0) === features.length)
    context.problem('no_features', start, 'the view has no feature', 'add one: COUNT(*) OVER w AS events')
  const { windows } = windowReader
  const group = grouping && { group: grouping.group }
  const definition = { stream: from.name, key, ...(where && { where }), windows, ...group, features: kept }
  return { definition, stream, streamByte: from.byte, keyBytes }
}

function mentionsOver(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  return 'over' in node || Object.values(node).some(mentionsOver)
}

function refuseClauses(select: SelectStmt, { tokens, problem }: SelectContext): void {
  const refuse = (present: unknown, byte: number | undefined, what: string, hint?: string) => {
    if (present) problem('not_yet', byte, `${what} is not available yet`, hint)
  }
  const word = (wanted: string) => tokens.find(0, (text) => text === wanted)?.start
  refuse(select.withClause, select.withClause?.location, 'WITH')
  refuse(select.distinctClause?.length, word('distinct'), 'SELECT DISTINCT')
  refuse(select.intoClause, word('into'), 'INTO')
  refuse(select.havingClause, firstLocation(select.havingClause), 'HAVING', 'every window gives a row: leave rows out where they are read')
  refuse(select.sortClause?.length, firstLocation(select.sortClause), 'ORDER BY of the whole view', 'events are in order of event time')
  refuse(select.limitCount || select.limitOffset, firstLocation(select.limitCount ?? select.limitOffset) ?? word('limit'), 'LIMIT')
  refuse(select.lockingClause?.length, word('for'), 'FOR UPDATE')
}

type From = { name: string; stream: StreamSchema | undefined; qualifiers: string[]; byte: number }

function readFrom(select: SelectStmt, context: SelectContext): From | undefined {
  const { problem, tokens, streams } = context
  const [first, second] = select.fromClause ?? []
  const names = streams.map(({ name }) => name)
  if (!first) {
    problem(
      'unknown_stream',
      tokens.first()?.start,
      'the view reads from no stream',
      names.length ? `add FROM ${names[0]}` : 'add FROM and a stream',
    )
    return undefined
  }
  const refuse = (node: Node, what: string) => {
    problem('not_yet', firstLocation(node) ?? tokens.find(0, (text) => text === 'from')?.start, `${what} is not available yet`)
    return undefined
  }
  if ('JoinExpr' in first) return refuse(first, 'a join')
  if ('RangeSubselect' in first) return refuse(first, 'a subquery in FROM, or a UNION ALL of streams,')
  if (!('RangeVar' in first)) return refuse(first, 'anything but a stream in FROM')
  if (second) return refuse(second, 'a join')
  return readStream(first.RangeVar, context, names)
}

function readStream(table: RangeVar, { problem, tokens, streams }: SelectContext, names: string[]): From | undefined {
  const byte = table.location ?? 0
  if (table.schemaname || table.catalogname) {
    problem(
      'unknown_stream',
      byte,
      `\`${[table.catalogname, table.schemaname, table.relname].filter(Boolean).join('.')}\` is no stream`,
      'a stream has a name of one part',
    )
    return undefined
  }
  const written = tokens.name(tokens.at(byte), table.relname ?? '')
  const { found, several } = findName(written, names)
  if (several)
    problem(
      'ambiguous_name',
      byte,
      `\`${written.name}\` could be ${several.map((one) => `"${one}"`).join(' or ')}`,
      'put the one you mean in double quotes',
    )
  else if (found === undefined)
    problem(
      'unknown_stream',
      byte,
      `there is no stream \`${written.name}\``,
      didYouMean(written.name, names) ?? (names.length ? `streams are ${listNames(names)}` : 'create a stream first'),
    )
  if (table.alias?.colnames?.length) problem('not_yet', byte, 'renaming the columns of a stream is not available yet')
  const name = found ?? written.name
  return { name, stream: streams.find((stream) => stream.name === found), qualifiers: [table.alias?.aliasname ?? name], byte }
}

type Target = { node: Node | undefined; byte: number | undefined; name: string | undefined; aliasByte: number | undefined }

/** The select list. An alias has no place in the tree: it is the last token before the comma, or before FROM. */
function readTargets(select: SelectStmt, tableByte: number, { tokens }: SelectContext): Target[] {
  const nodes = (select.targetList ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget as ResTarget] : []))
  return nodes.map((target, i) => {
    const next = nodes[i + 1]
    const separator = next ? tokens.before(next.location ?? 0) : fromToken(tokens, tableByte)
    const last = separator && tokens.before(separator.start)
    if (target.name === undefined) return { node: target.val, byte: target.location, name: undefined, aliasByte: undefined }
    return { node: target.val, byte: target.location, name: tokens.name(last, target.name).name, aliasByte: last?.start }
  })
}

/** The word FROM before the stream's name (ONLY may stand between). */
function fromToken(tokens: SqlTokens, tableByte: number): ReturnType<SqlTokens['before']> {
  let token = tokens.before(tableByte)
  while (token && token.text.toLowerCase() !== 'from') token = tokens.before(token.start)
  return token
}
