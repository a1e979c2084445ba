/** A SELECT statement's clauses → definition. What this build does not run is named where it stands. */
import type { SelectStmt } from 'libpg-query'
import type { Expr, Feature, ViewDefinition } from './model.ts'
import { type From, refuseClauses, type SelectContext } from './read-clauses.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import { readExpr } from './read-expr.ts'
import { readFrom } from './read-from.ts'
import { type Grouping, readGrouping } from './read-group.ts'
import { readTargets } from './read-targets.ts'
import { WindowReader } from './read-windows.ts'

/** `isKnown`: it is known what the view reads, so that the checks have something to say. */
type ReadSelect = { definition: Omit<ViewDefinition, 'hints'>; isKnown: boolean; streamByte: number; keyBytes: number[] }

export function readSelect(select: SelectStmt, context: SelectContext): ReadSelect | undefined {
  const { tokens, places, problem } = context
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    const word = tokens.find(0, (text) => text === 'union' || text === 'intersect' || text === 'except')
    problem(
      'not_yet',
      word?.start,
      'a view is one SELECT',
      'UNION ALL stands in FROM: FROM (SELECT … FROM a UNION ALL SELECT … FROM b) AS events',
    )
    return undefined
  }
  if (select.valuesLists?.length) {
    problem('not_a_select', tokens.first()?.start, 'a view is a SELECT over a stream')
    return undefined
  }
  refuseClauses(select, context, 0)
  const from = readFrom(select, context)
  if (!from) return undefined
  const { schema, qualifiers } = from
  const targets = readTargets(select, from.byte, tokens)
  const names = targets.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const base = {
    tokens,
    places,
    unread: context.unread,
    fields: schema?.fields ?? [],
    featuresSoFar: [] as string[],
    allFeatures: names,
    eventTime: schema?.eventTime,
    qualifiers,
    isGroup: (select.groupClause?.length ?? 0) > 0,
    code: context.code,
    problem,
  }
  const windowReader = new WindowReader(base, schema?.eventTime)
  windowReader.readClause(select.windowClause ?? [])
  windowReader.applyHints(context.windowHints)
  const grouping = readGrouping(select, base, schema?.eventTime)
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
  return finish(select, context, { features, where, windowReader, grouping, from })
}

/** What stands without AS and has a name all the same. */
function ownName(expr: Expr): string | undefined {
  if (expr.kind === 'windowEdge') return `window_${expr.edge}`
  return expr.kind === 'field' ? expr.name : undefined
}

type Parts = {
  features: Feature[]
  where: ViewDefinition['where']
  windowReader: WindowReader
  grouping: Grouping | undefined
  from: From
}

function finish(select: SelectStmt, context: SelectContext, { features, where, windowReader, grouping, from }: Parts): ReadSelect {
  const { names: key, bytes: keyBytes } = grouping?.key ?? windowReader.key ?? { names: [], bytes: [] }
  const start = context.tokens.first()?.start
  // a key column may be selected: it is the key, no feature; this is known only when all windows are read
  const kept = features.filter(({ name, expr }) => !(expr.kind === 'field' && expr.name === name && key.includes(name)))
  const usesWindow = windowReader.windows.length > 0 || windowReader.key !== undefined
  if (!grouping && !usesWindow && !select.windowClause?.length && !mentionsOver(select.targetList))
    context.problem('no_window', start, 'the view has no window', 'add WINDOW w AS (PARTITION BY … ORDER BY … RANGE …) and OVER w')
  else if (kept.length === 0 && (select.targetList?.length ?? 0) === features.length)
    context.problem('no_features', start, 'the view has no feature', 'add one: COUNT(*) OVER w AS events')
  const { name: stream, union } = from
  const { windows } = windowReader
  const group = grouping && { group: grouping.group }
  const definition = { stream, ...(union && { union }), key, ...(where && { where }), windows, ...group, features: kept }
  return { definition, isKnown: from.schema !== undefined, streamByte: from.byte, keyBytes }
}

function mentionsOver(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  return 'over' in node || Object.values(node).some(mentionsOver)
}
