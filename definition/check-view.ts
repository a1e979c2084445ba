/**
 * Is a definition sound? The same checks for SQL (places in the text as given) and for the form (places in the
 * canonical text, and a path for the form's field).
 */
import { checkExpr } from './check-expr.ts'
import { listNames, type Report, type Scope } from './check-scope.ts'
import { checkGroup } from './check-group.ts'
import { checkStream } from './check-stream.ts'
import { checkUnion } from './check-union.ts'
import { checkWindows } from './check-window.ts'
import { isDeeper, MAX_DEFINITION_DEPTH } from './depth.ts'
import { featureIds } from './feature-id.ts'
import {
  type CheckedView,
  type CodeFeature,
  type Expr,
  type Hints,
  Name,
  type Problem,
  type StreamSchema,
  UNION_EVENT_TIME,
  type ValueType,
  ViewDefinition,
} from './model.ts'
import { printView } from './print-sql.ts'
import type { ProblemCode } from './problem-codes.ts'
import { type Place, SourceText, START } from './source-text.ts'
import { didYouMean } from './suggest.ts'
import type { ExprType } from './types.ts'

export type CheckResult = { checked?: CheckedView; problems: Problem[] }

/** Where the parts of a definition stand in a text; a part is named as in the printer (`name`, `start`, `key.0`, …). */
export class Places {
  readonly #byNode = new Map<object, Map<string, Place>>()

  set(node: object, part: string, place: Place): void {
    const parts = this.#byNode.get(node)
    if (parts) parts.set(part, place)
    else this.#byNode.set(node, new Map([[part, place]]))
  }

  get(node: object, part = ''): Place | undefined {
    const parts = this.#byNode.get(node)
    return parts?.get(part) ?? parts?.get('')
  }
}

/** Parts of a window or a feature that a problem's path names. */
const PARTS: ReadonlySet<string> = new Set(['start', 'end', 'name', 'stream', 'maxRows', 'precision', 'size', 'slide', 'gap'])

/**
 * Checks a definition that has no text of its own. Positions are those in `printView(definition)`. `code`: the features in TypeScript
 * that it may call; what the definition itself brings of them counts for nothing.
 */
export function checkDefinition(
  definition: ViewDefinition,
  streams: readonly StreamSchema[],
  code: readonly CodeFeature[] = [],
): CheckResult {
  if (isDeeper(definition, MAX_DEFINITION_DEPTH)) return { problems: [problem('too_long', START, 'the view is nested too deeply')] }
  const parsed = ViewDefinition.safeParse(definition)
  if (!parsed.success) return { problems: parsed.error.issues.map((issue) => shapeProblem(issue.path, issue.message)) }
  if (parsed.data.windows.length === 0 && !parsed.data.group && !callsCode(parsed.data))
    return { problems: [problem('no_window', START, 'the view has no window', 'add one', 'windows')] }
  const eventTime = parsed.data.union ? UNION_EVENT_TIME : streams.find(({ name }) => name === parsed.data.stream)?.eventTime
  const places = new Places()
  const spans: [object, string, number, number][] = []
  const text = printView(parsed.data, { eventTime, onSpan: (...span) => spans.push(span) })
  const source = new SourceText(text)
  for (const [node, part, start, end] of spans) {
    const [from, to] = [source.fromUnit(start), source.fromUnit(end)]
    places.set(node, part, to.line === from.line && to.column > from.column ? { ...from, endColumn: to.column } : from)
  }
  return checkPlaced(parsed.data, streams, places, new WeakSet(), code)
}

/** The checks themselves. `unread` holds expressions that stand for something already complained about. */
export function checkPlaced(
  definition: ViewDefinition,
  streams: readonly StreamSchema[],
  places: Places,
  unread: WeakSet<object> = new WeakSet(),
  code: readonly CodeFeature[] = [],
): CheckResult {
  const problems: Problem[] = []
  const paths = pathsOf(definition)
  const report: Report = (code, node, message, hint, part) => {
    const base = paths.get(node)
    const path = node === definition ? part : part && base !== undefined && PARTS.has(part) ? `${base}.${part}` : base
    problems.push(problem(code, places.get(node, part) ?? START, message, hint, path))
  }
  const union = definition.union && checkUnion(definition, definition.union, streams, unread, report)
  const stream = definition.union ? union?.stream : checkStream(definition, streams, report)
  if (!stream) return { problems: inOrder(problems) }
  checkKey(definition, stream, report)
  checkWindows(definition, report)
  checkGroup(definition, stream, report)

  const features = new Map<string, { type: ExprType; latest: boolean }>()
  const scope: Scope = {
    fields: new Map(stream.fields.map(({ name, type }) => [name, type])),
    key: new Set(definition.key),
    features,
    allFeatures: new Set(definition.features.map(({ name }) => name)),
    plainFields: new Set(
      definition.features.filter(({ name, expr }) => expr.kind === 'field' && expr.name === name).map(({ name }) => name),
    ),
    windows: new Map(definition.windows.map((window) => [window.name, window])),
    isGroup: definition.group !== undefined,
    code,
    called: new Set(),
    unread,
    report,
  }
  const where = definition.where && checkExpr(definition.where, scope, 'where')
  if (where && definition.where && !['boolean', 'null', 'unknown'].includes(where.type)) {
    report(
      'type_mismatch',
      definition.where,
      `the condition of WHERE must be boolean, this is ${where.type}`,
      'compare it with something, such as x > 0',
    )
  }
  checkNames(definition, stream, report)
  const checkedFeatures = definition.features.map((feature) => {
    const checked = checkExpr(feature.expr, scope, 'select')
    if (checked.type === 'null')
      report('type_mismatch', feature.expr, `\`${feature.name}\` is always NULL and has no type`, 'give it one: NULL::double')
    if (checked.type === 'interval') report('type_mismatch', feature.expr, `\`${feature.name}\` is an interval, which no feature can be`)
    if (!features.has(feature.name)) features.set(feature.name, checked)
    return { name: feature.name, checked }
  })
  if (problems.length > 0) return { problems: inOrder(problems) }

  const normal: ViewDefinition = {
    stream: definition.stream,
    ...(union && { union: union.branches }),
    key: definition.key,
    ...(where && { where: where.expr }),
    windows: definition.windows,
    ...(definition.group && { group: definition.group }),
    features: checkedFeatures.map(({ name, checked }) => ({ name, expr: checked.expr })),
    hints: orderSaid(definition),
    ...(scope.called.size > 0 && { code: [...scope.called].sort((a, b) => (a.name < b.name ? -1 : 1)) }),
  }
  const ids = featureIds(normal)
  const featureTypes = checkedFeatures.map(({ name, checked }, i) => ({
    name,
    id: ids[i] ?? '',
    type: checked.type as ValueType,
    ...(checked.latest && { note: 'latest-event' as const }),
  }))
  const notes = normal.union && normal.hints.order === 'arrival' ? ['arrival-union' as const] : []
  return { checked: { definition: normal, stream, featureTypes, notes }, problems: [] }
}

/**
 * The order of a view whose order is not left to a parameter is said in its normal form, so that nobody has to know it: windows of
 * GROUP BY close by event time, and several streams have no order of arrival that a second run would see again (promise 7).
 */
function orderSaid({ group, union, hints }: ViewDefinition): Hints {
  if (group) return { ...hints, order: 'event_time' }
  return union ? { ...hints, order: hints.order ?? 'event_time' } : hints
}

export function problem(code: ProblemCode, place: Place, message: string, hint?: string, path?: string): Problem {
  return { code, message, ...place, ...(hint !== undefined && { hint }), ...(path !== undefined && { path }) }
}

/** In reading order, each only once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>()
  return problems
    .filter(({ code, line, column, message }) => {
      const key = `${line}:${column}:${code}:${message}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .sort((a, b) => a.line - b.line || a.column - b.column)
}

function checkKey(definition: ViewDefinition, stream: StreamSchema, report: Report): void {
  const fields = stream.fields.map(({ name }) => name)
  for (const [i, name] of definition.key.entries()) {
    const part = `key.${i}`
    if (!fields.includes(name))
      report(
        'unknown_field',
        definition,
        `there is no field \`${name}\``,
        didYouMean(name, fields) ?? `fields are ${listNames(fields)}`,
        part,
      )
    else if (definition.key.indexOf(name) < i) report('duplicate_alias', definition, `\`${name}\` stands twice in the key`, undefined, part)
  }
}

function checkNames(definition: ViewDefinition, stream: StreamSchema, report: Report): void {
  const seen = new Map<string, string>()
  for (const feature of definition.features) {
    const { name, expr } = feature
    const lower = name.toLowerCase()
    const field = stream.fields.find((one) => one.name.toLowerCase() === lower)?.name
    const isPlainField = expr.kind === 'field' && expr.name === name
    if (!Name.safeParse(name).success)
      report(
        'bad_name',
        feature,
        `\`${name.slice(0, 80)}\` cannot name a column: a letter or _ first, then letters, digits and _, at most 63`,
        'add AS and a name',
        'name',
      )
    else if (seen.has(lower))
      report(
        'duplicate_alias',
        feature,
        `two columns are named \`${name}\`${seen.get(lower) === name ? '' : ` (the case of letters does not tell them apart)`}`,
        undefined,
        'name',
      )
    else if (field !== undefined && !isPlainField)
      report('alias_is_field', feature, `\`${name}\` is the name of a field`, `choose another, such as ${lower}_value`, 'name')
    else if (definition.key.includes(name))
      report('duplicate_alias', feature, `\`${name}\` is part of the key, and a key is no feature`, undefined, 'name')
    seen.set(lower, name)
  }
}

export function callsCode(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ('kind' in value && value.kind === 'code') || Object.values(value).some(callsCode)
}

function pathsOf(definition: ViewDefinition): Map<object, string> {
  const paths = new Map<object, string>()
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (!paths.has(value)) paths.set(value, path)
    for (const child of Object.values(value)) walk(child, path)
  }
  if (definition.where) walk(definition.where, 'where')
  for (const [i, branch] of (definition.union ?? []).entries()) {
    paths.set(branch, `union.${i}`)
    if (branch.where) walk(branch.where, `union.${i}.where`)
    for (const [c, column] of branch.columns.entries()) {
      paths.set(column, `union.${i}.columns.${c}`)
      walk(column.expr, `union.${i}.columns.${c}.expr`)
    }
  }
  for (const [i, feature] of definition.features.entries()) {
    paths.set(feature, `features.${i}`)
    walk(feature.expr satisfies Expr, `features.${i}.expr`)
  }
  for (const [i, window] of definition.windows.entries()) paths.set(window, `windows.${i}`)
  if (definition.group) paths.set(definition.group, 'group')
  return paths
}

function shapeProblem(path: readonly PropertyKey[], message: string): Problem {
  const [list] = path
  const joined = path.map(String).join('.')
  if (path.length === 1 && list === 'features')
    return problem('no_features', START, 'the view has no feature', 'add one: COUNT(*) OVER w AS events', joined)
  if (path.length === 1 && list === 'key')
    return problem('no_key', START, 'the view has no key', 'choose the fields that features are keyed by', joined)
  if (path.at(-1) === 'name' && path.length === 3) return problem('bad_name', START, message, undefined, joined)
  return problem('bad_definition', START, `${joined}: ${message}`, undefined, joined)
}
