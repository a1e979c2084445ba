/**
 * `FROM (SELECT a.card, a.ts AS event_time, a.amount FROM a UNION ALL SELECT b.card, b.at, NULL FROM b WHERE …) AS events`. As in
 * SQL the columns go by position and have the names of the first SELECT; a later one that names them otherwise is refused.
 */
import type { Node, SelectStmt } from 'libpg-query'
import { MAX_BRANCHES, Name, UNION_EVENT_TIME, type UnionBranch } from './model.ts'
import { type From, refuseClauses, type SelectContext } from './read-clauses.ts'
import { firstLocation, type ReadContext } from './read-context.ts'
import { readExpr } from './read-expr.ts'
import { readTable } from './read-table.ts'
import { readTargets } from './read-targets.ts'

type Subselect = Extract<Node, { RangeSubselect: unknown }>['RangeSubselect']
const FORM = 'FROM (SELECT … FROM a UNION ALL SELECT … FROM b) AS events'

/** Undefined: there is nothing to check, and why is reported. */
export function readUnion({ subquery, alias }: Subselect, context: SelectContext): From | undefined {
  const { problem, tokens } = context
  const select = subquery && 'SelectStmt' in subquery ? subquery.SelectStmt : undefined
  const byte = firstLocation(subquery) ?? tokens.first()?.start ?? 0
  const selects = select && flatten(select, context)
  if (!selects) return undefined
  const name = alias?.aliasname
  if (name === undefined) problem('no_alias', byte, 'the union has no name', 'close it with ) AS events')
  else if (!Name.safeParse(name).success)
    problem('bad_name', byte, `\`${name}\` cannot name a union: a letter or _ first, then letters, digits and _, at most 63`)
  if (alias?.colnames?.length)
    problem('not_yet', byte, 'renaming the columns of a union is not available yet', 'name them in the first SELECT')
  if (selects.length > MAX_BRANCHES) {
    problem('too_long', byte, `a union of ${selects.length} streams: at most ${MAX_BRANCHES} are taken`)
    return undefined
  }
  const union: UnionBranch[] = []
  let isKnown = name !== undefined
  for (const one of selects) {
    const read = readBranch(
      one,
      union[0]?.columns.map((column) => column.name),
      context,
    )
    if (!read) return undefined
    isKnown &&= read.isKnown
    union.push(read.branch)
  }
  const fields = union[0]?.columns.map((column) => column.name) ?? []
  return {
    name: name ?? 'events',
    union,
    schema: isKnown ? { fields, eventTime: UNION_EVENT_TIME } : undefined,
    qualifiers: name === undefined ? [] : [name],
    byte,
  }
}

/** The SELECTs from left to right; undefined: something else than UNION ALL joins them. */
function flatten(select: SelectStmt, context: SelectContext): SelectStmt[] | undefined {
  if (select.op === undefined || select.op === 'SETOP_NONE') return [select]
  const at = firstLocation(select.rarg) ?? firstLocation(select)
  if (select.op !== 'SETOP_UNION' || !select.all) {
    const word = select.op === 'SETOP_UNION' ? 'UNION' : select.op === 'SETOP_EXCEPT' ? 'EXCEPT' : 'INTERSECT'
    context.problem('not_yet', at, `${word} compares events with each other, which is not available`, 'UNION ALL takes all of them')
    return undefined
  }
  refuseClauses(select, context, firstLocation(select))
  const [left, right] = [select.larg && flatten(select.larg, context), select.rarg && flatten(select.rarg, context)]
  return left && right && [...left, ...right]
}

function readBranch(select: SelectStmt, names: readonly string[] | undefined, context: SelectContext) {
  const { problem, tokens, places } = context
  const first = firstLocation(select.targetList)
  const start = first === undefined ? undefined : tokens.before(first)?.start
  if (select.valuesLists?.length) {
    problem('not_a_select', firstLocation(select.valuesLists), 'each part of the union is a SELECT over a stream', FORM)
    return undefined
  }
  refuseClauses(select, context, start)
  for (const [clause, what] of [
    [select.groupClause, 'GROUP BY'],
    [select.windowClause, 'WINDOW'],
  ] as const)
    if (clause?.length)
      problem('not_yet', firstLocation(clause), `${what} inside a union is not available`, 'it stands behind the union: FROM (…) AS events')
  const table = readTable(select, context, start)
  if (!table) return undefined
  if (table.kind === 'union') {
    problem('not_yet', firstLocation(table.node), 'a union inside a union is not available', 'write its parts side by side')
    return undefined
  }
  const { stream, name, qualifiers, byte } = table
  if (table.renames) problem('not_yet', byte, 'renaming the columns of a stream is not available yet')
  const full: ReadContext = {
    tokens,
    places,
    unread: context.unread,
    fields: stream?.fields.map((field) => field.name) ?? [],
    featuresSoFar: [],
    allFeatures: [],
    eventTime: stream?.eventTime,
    qualifiers,
    isGroup: false,
    code: context.code,
    windowOf: () => '',
    partitionOf: () => {},
    problem,
  }
  const columns: UnionBranch['columns'] = []
  for (const [i, target] of readTargets(select, byte, tokens).entries()) {
    const expr = readExpr(target.node, full)
    const own = target.name ?? (expr.kind === 'field' ? expr.name : undefined)
    const column = { name: nameOf(i, own, target.name !== undefined, names) ?? '', expr }
    if (column.name === '' && !context.unread.has(expr))
      problem('no_alias', firstLocation(target.node) ?? target.byte, 'this column has no name', 'add AS and a name')
    places.set(column, 'name', tokens.place(target.aliasByte ?? target.byte))
    columns.push(column)
  }
  const where = select.whereClause && readExpr(select.whereClause, full)
  const branch: UnionBranch = { stream: name, columns, ...(where && { where }) }
  places.set(branch, '', tokens.place(byte))
  return { branch, isKnown: stream !== undefined }
}

/**
 * The name of column i. In a later SELECT it is the first one's, unless the column says another: then it keeps that, and the check
 * complains. A bare field of another name is no such word, except where that is the name of another column.
 */
function nameOf(i: number, own: string | undefined, isAlias: boolean, names: readonly string[] | undefined): string | undefined {
  const given = names?.[i]
  if (given === undefined || own === undefined) return given ?? own
  return isAlias || names?.includes(own) ? own : given
}
