/** The branches of a UNION ALL: each over its own stream, all with the same columns, which together are what the view sees. */
import { checkExpr } from './check-expr.ts'
import type { Checked, Report, Scope } from './check-scope.ts'
import { checkStream } from './check-stream.ts'
import { unify } from './check-values.ts'
import {
  type Expr,
  type Field,
  type FieldType,
  type SourceSchema,
  type StreamSchema,
  UNION_EVENT_TIME,
  type UnionBranch,
  type ViewDefinition,
} from './model.ts'

export type CheckedUnion = { stream: SourceSchema; branches: UnionBranch[] }

/** Undefined where no schema can be told; the reasons are reported. `union` is that of the definition. */
export function checkUnion(
  definition: ViewDefinition,
  union: readonly UnionBranch[],
  streams: readonly StreamSchema[],
  unread: WeakSet<object>,
  report: Report,
): CheckedUnion | undefined {
  const [first] = union
  if (!first) return undefined
  const names = first.columns.map(({ name }) => name)
  checkNames(definition, first, report)
  const found = union.map((branch) => checkStream(branch, streams, report))
  const alike = union.map((branch) => checkColumns(branch, names, report))
  if (found.includes(undefined) || alike.includes(false)) return undefined
  const branches = union.map((branch, i) => checkBranch(branch, found[i] as StreamSchema, unread, report))
  const columns = names.map((name, c) => {
    const at = union.map(({ columns }) => columns[c]?.expr as Expr)
    const { type, exprs } = unify(
      branches.map(({ columns }) => columns[c] as Checked),
      at,
      `the column \`${name}\` of the union`,
      report,
    )
    if (type === 'null') report('type_mismatch', at[0] as Expr, `\`${name}\` is always NULL and has no type`, 'give it one: NULL::double')
    const always = exprs.every((expr, i) => expr.kind === 'field' && !found[i]?.fields.find((field) => field.name === expr.name)?.nullable)
    const field: Field = { name, type: type as FieldType, ...(!always && { nullable: true }) }
    return { field, exprs, isKnown: type !== 'null' && type !== 'unknown' }
  })
  const time = columns.find(({ field }) => field.name === UNION_EVENT_TIME)
  if (!time || (time.isKnown && time.field.type !== 'timestamp'))
    report(
      'no_event_time',
      time ? (time.exprs[0] as Expr) : definition,
      time ? `\`${UNION_EVENT_TIME}\` must be a timestamp, this is ${time.field.type}` : `the union has no column \`${UNION_EVENT_TIME}\``,
      `name each stream's event time: ${found[0]?.eventTime} AS ${UNION_EVENT_TIME}`,
      time ? undefined : 'stream',
    )
  if (!time || columns.some(({ isKnown }) => !isKnown)) return undefined
  return {
    stream: {
      name: definition.stream,
      fields: columns.map(({ field }) => field),
      eventTime: UNION_EVENT_TIME,
      branches: found as StreamSchema[],
    },
    branches: union.map(({ stream }, i) => {
      const where = branches[i]?.where
      return {
        stream,
        columns: columns.map(({ field, exprs }) => ({ name: field.name, expr: exprs[i] as Expr })),
        ...(where && { where }),
      }
    }),
  }
}

function checkNames(definition: ViewDefinition, { columns }: UnionBranch, report: Report): void {
  for (const [i, column] of columns.entries())
    if (columns.findIndex(({ name }) => name === column.name) < i)
      report('duplicate_alias', column, `two columns of \`${definition.stream}\` are named \`${column.name}\``, undefined, 'name')
}

/** UNION ALL goes by position: a column of the same name elsewhere is a mistake that nobody would see. */
function checkColumns(branch: UnionBranch, names: readonly string[], report: Report): boolean {
  const { columns, stream } = branch
  if (columns.length !== names.length) {
    const only = `the first SELECT has ${names.length} column${names.length === 1 ? '' : 's'}, this one of \`${stream}\` has ${columns.length}`
    report('different_columns', branch, only, 'where a stream has no such field, NULL AS name holds its place', 'stream')
    return false
  }
  const other = columns.find(({ name }, i) => name !== names[i])
  if (!other) return true
  const wanted = names[columns.indexOf(other)]
  report(
    'different_columns',
    other,
    `here the first SELECT has \`${wanted}\`, not \`${other.name}\``,
    'the order of the columns counts',
    'name',
  )
  return false
}

function checkBranch({ columns, where }: UnionBranch, stream: StreamSchema, unread: WeakSet<object>, report: Report) {
  const scope: Scope = {
    fields: new Map(stream.fields.map(({ name, type }) => [name, type])),
    key: new Set(),
    features: new Map(),
    allFeatures: new Set(),
    plainFields: new Set(),
    windows: new Map(),
    isGroup: false,
    code: [],
    called: new Set(),
    unread,
    report,
  }
  const condition = where && checkExpr(where, scope, 'where')
  if (where && condition && !['boolean', 'null', 'unknown'].includes(condition.type))
    report(
      'type_mismatch',
      where,
      `the condition of WHERE must be boolean, this is ${condition.type}`,
      'compare it with something, such as x > 0',
    )
  return { columns: columns.map(({ expr }) => checkExpr(expr, scope, 'branch')), ...(condition && { where: condition.expr }) }
}
