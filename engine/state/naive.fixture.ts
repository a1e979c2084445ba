/**
 * The naive oracle: for every event, look at all events of its key and pick those in the frame. It shares the expression
 * compiler with the engine (tested against DuckDB on its own), but none of its state, frames, aggregates or tasks.
 */
import { shiftMs } from '../../definition/interval.ts'
import { fractionOf, halfLifeMs, isListed, lagOf, listedOf } from '../../definition/check-call.ts'
import type { AggregateName, Bound, Expr, StreamSchema, ViewDefinition, Window } from '../../definition/model.ts'
import { decimalScale, type ExprType, listOf, mapOf } from '../../definition/types.ts'
import { compileExpr, type Scope } from '../compile/expr.ts'
import { compareStrings, newCounters, outputOf, type Scalar, type Value } from '../compile/value.ts'

export interface NaiveEvent {
  readonly partition: number
  readonly offset: number
  readonly timeMs: number
  /** in the order of the stream's fields, as the engine keeps them (decimals scaled) */
  readonly fields: readonly Value[]
}

/** Feature values of each event: `events` in arrival order. */
export function naiveRows(
  definition: ViewDefinition,
  stream: StreamSchema,
  events: readonly NaiveEvent[],
  order: 'arrival' | 'event_time',
): (Values | null)[] {
  const naive = new Naive(definition, stream)
  return events.map((event, i) => {
    if (!naive.takes(event)) return null
    const seen = events.filter((other, j) => (order === 'event_time' ? other.timeMs <= event.timeMs : j <= i))
    return naive.features(naive.rowsOf(event, seen), event, event.timeMs)
  })
}

/** Feature values of a key, that of `of`, as a read at `atMs` shows them: the newest row at that instant is the current one. */
export function naiveRead(
  definition: ViewDefinition,
  stream: StreamSchema,
  events: readonly NaiveEvent[],
  of: NaiveEvent,
  atMs: number,
): Values {
  const naive = new Naive(definition, stream)
  const rows = naive.rowsOf(of, events)
  return naive.features(rows, rows.findLast(({ timeMs }) => timeMs <= atMs) ?? null, atMs)
}

type Values = Value[]

class Naive {
  private readonly definition: ViewDefinition
  private readonly fieldScope: Scope
  private readonly keySlots: readonly number[]
  private readonly noFields: readonly Value[]

  constructor(definition: ViewDefinition, stream: StreamSchema) {
    const none = (): never => {
      throw new Error('not here')
    }
    this.definition = definition
    this.noFields = stream.fields.map(() => null)
    this.fieldScope = {
      counters: newCounters(),
      field: (name) => ({
        slot: stream.fields.findIndex((field) => field.name === name),
        type: stream.fields.find((field) => field.name === name)!.type,
      }),
      aggregate: none,
      code: none,
      feature: none,
      windowEdge: none,
    }
    this.keySlots = definition.key.map((name) => this.fieldScope.field(name).slot)
  }

  private readonly ofEvent = (expr: Expr) => compileExpr(expr, this.fieldScope)

  takes({ fields }: NaiveEvent): boolean {
    return !this.definition.where || this.ofEvent(this.definition.where).run(fields, [], []) === true
  }

  /** The rows of the event's key, in order. */
  rowsOf(event: NaiveEvent, events: readonly NaiveEvent[]): NaiveEvent[] {
    const keyOf = ({ fields }: NaiveEvent) => JSON.stringify(this.keySlots.map((slot) => fields[slot]))
    return events
      .filter((other) => this.takes(other) && keyOf(other) === keyOf(event))
      .sort((a, b) => a.timeMs - b.timeMs || a.partition - b.partition || a.offset - b.offset)
  }

  features(rows: readonly NaiveEvent[], current: NaiveEvent | null, atMs: number): Values {
    const aggregates: Value[] = []
    const features: Value[] = []
    const types: string[] = []
    const scope: Scope = {
      ...this.fieldScope,
      feature: (name) => {
        const slot = this.definition.features.findIndex((feature) => feature.name === name)
        return { slot, type: types[slot] as never }
      },
      aggregate: (expr) => {
        const { type, value } = aggregate(this.definition, expr, rows, current, atMs, this.ofEvent)
        return { slot: aggregates.push(value) - 1, type }
      },
    }
    for (const feature of this.definition.features) {
      const compiled = compileExpr(feature.expr, scope)
      types.push(compiled.type)
      features.push(compiled.run(current?.fields ?? this.noFields, aggregates, features))
    }
    return features.map((value, f) => outputOf(types[f]!)(value))
  }
}

/** The frame, one sentence of the language after another: bounds, then EXCLUDE, then MAX_ROWS. */
function frameOf(window: Window, rows: readonly NaiveEvent[], current: NaiveEvent | null, atMs: number): NaiveEvent[] {
  const index = current ? rows.indexOf(current) : -1
  const inFrame = (row: NaiveEvent, i: number): boolean => {
    if (window.mode === 'rows') {
      const from = window.start.kind === 'unbounded' ? 0 : index - (window.start.kind === 'rows' ? window.start.count : 0)
      const to = index - (window.end.kind === 'rows' ? window.end.count : 0)
      return index >= 0 && i >= from && i <= to
    }
    const width = window.precision ? window.precision.days * 86_400_000 + window.precision.ms : 1
    const pane = (timeMs: number) => Math.floor(timeMs / width)
    return pane(row.timeMs) >= pane(instant(window.start, atMs)) && pane(row.timeMs) <= pane(instant(window.end, atMs))
  }
  const isLeftOut = (row: NaiveEvent): boolean => {
    const isPeer = row.timeMs === current?.timeMs
    if (window.exclude === 'current_row') return row === current
    return window.exclude === 'group' ? isPeer : window.exclude === 'ties' ? isPeer && row !== current : false
  }
  const left = rows.filter((row, i) => inFrame(row, i) && !isLeftOut(row))
  return window.maxRows === undefined ? left : left.slice(-window.maxRows)
}

function aggregate(
  definition: ViewDefinition,
  expr: Extract<Expr, { kind: 'aggregate' }>,
  rows: readonly NaiveEvent[],
  current: NaiveEvent | null,
  atMs: number,
  ofEvent: (expr: Expr) => ReturnType<typeof compileExpr>,
) {
  const window = definition.windows.find(({ name }) => name === expr.window)!
  const filter = expr.filter ? ofEvent(expr.filter).run : null
  const isTaken = ({ fields }: NaiveEvent) => !filter || filter(fields, [], []) === true
  const frame = frameOf(window, rows, current, atMs).filter(isTaken)
  const arg = expr.star || expr.args.length === 0 ? null : ofEvent(expr.args[0]!)
  const all = arg ? frame.map(({ fields }) => arg.run(fields, [], [])) : []
  const values = expr.distinct ? [...new Set(all)] : all
  const present = values.filter((value) => value !== null)
  const type = arg?.type ?? 'int'
  const scale = decimalScale(type) ?? 0
  const compare = (a: Value, b: Value) => (typeof a === 'string' ? compareStrings(a, String(b)) : Number(a) - Number(b))
  const sorted = [...present].sort(compare)
  const sum = present.reduce<number>((total, value) => total + Number(value), 0)
  switch (expr.fn) {
    case 'count':
      return { type: 'int' as const, value: expr.star ? frame.length : present.length }
    case 'count_if':
      return { type: 'int' as const, value: values.filter((value) => value === true).length }
    case 'sum':
      return {
        type: (scale > 0 || type.startsWith('decimal') ? `decimal(15,${scale})` : type) as typeof type,
        value: present.length ? sum : null,
      }
    case 'avg':
      return { type: 'double' as const, value: present.length ? sum / present.length / 10 ** scale : null }
    case 'list':
      return { type: listOf(type), value: values.length ? (values as Scalar[]) : null }
    case 'histogram': {
      const texts = sorted.map((value) => String(outputOf(type)(value)))
      const times = (text: string) => texts.filter((other) => other === text).length
      return { type: mapOf(type), value: texts.length ? Object.fromEntries(texts.map((text) => [text, times(text)])) : null }
    }
    case 'approx_count_distinct': // exact up to 128 values, but for a collision
      return { type: 'int' as const, value: new Set(present).size }
    case 'approx_quantile': {
      const rank = Math.max(1, Math.ceil((Math.round(fractionOf(expr.args[1])! * 100) * sorted.length) / 100))
      return { type: 'double' as const, value: sorted.length ? Number(sorted[rank - 1]) / 10 ** scale : null }
    }
    case 'min':
      if (isListed(expr)) return firstFew(expr, type, sorted)
      return { type, value: sorted[0] ?? null }
    case 'max':
      if (isListed(expr)) return firstFew(expr, type, sorted.toReversed())
      return { type, value: sorted.at(-1) ?? null }
    case 'first':
      return { type, value: values[0] ?? null }
    case 'last':
      return { type, value: values.at(-1) ?? null }
    case 'bool_and':
    case 'bool_or': {
      const decisive = expr.fn === 'bool_or'
      return { type: 'boolean' as const, value: present.length === 0 ? null : present.includes(decisive) ? decisive : !decisive }
    }
    case 'arg_min':
    case 'arg_max': {
      const by = ofEvent(expr.args[1]!).run
      const pairs = frame.map(({ fields }, i) => ({ value: values[i]!, by: by(fields, [], []) }))
      const chosen = pairs.filter((pair) => pair.value !== null && pair.by !== null).sort((a, b) => compare(a.by, b.by))
      if (isListed(expr)) {
        const ordered = expr.fn === 'arg_min' ? chosen : pairs.filter((pair) => chosen.includes(pair)).sort((a, b) => compare(b.by, a.by))
        return firstFew(
          expr,
          type,
          ordered.map(({ value }) => value),
        )
      }
      const best = expr.fn === 'arg_min' ? chosen[0] : chosen.find((pair) => compare(pair.by, chosen.at(-1)!.by) === 0)
      return { type, value: best?.value ?? null }
    }
    case 'lag':
    case 'time_since_last': {
      const before = current ? rows.slice(0, rows.indexOf(current)).filter(isTaken) : []
      const row = before.at(-(lagOf(expr.args[1]) ?? 1))
      if (expr.fn === 'time_since_last') return { type: 'int' as const, value: row ? current!.timeMs - row.timeMs : null }
      return { type, value: row ? arg!.run(row.fields, [], []) : null }
    }
    case 'exp_decay_sum': {
      const aged = frame.flatMap(({ timeMs }, i) => {
        const value = values[i] ?? null
        return value === null ? [] : [(Number(value) / 10 ** scale) * 0.5 ** ((atMs - timeMs) / halfLifeMs(expr.args[1])!)]
      })
      return { type: 'double' as const, value: aged.length ? aged.reduce((total, x) => total + x, 0) : null }
    }
    case 'mode': {
      const times = (value: Value) => present.filter((other) => other === value).length
      const most = Math.max(0, ...present.map(times))
      return { type, value: present.find((value) => times(value) === most) ?? null }
    }
    case 'median':
    case 'quantile_cont': {
      const place = (expr.fn === 'median' ? 0.5 : fractionOf(expr.args[1])!) * (sorted.length - 1)
      const [low, high] = [Number(sorted[Math.floor(place)]) / 10 ** scale, Number(sorted[Math.ceil(place)]) / 10 ** scale]
      return { type: 'double' as const, value: sorted.length ? low + (high - low) * (place - Math.floor(place)) : null }
    }
    case 'quantile_disc': {
      const percent = Math.round(fractionOf(expr.args[1])! * 100)
      return { type, value: sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? null }
    }
    default:
      return { type: 'double' as const, value: statistic(expr.fn, present, 10 ** scale) }
  }
}

function firstFew(expr: Extract<Expr, { kind: 'aggregate' }>, type: ExprType, values: readonly Value[]) {
  return { type: listOf(type), value: values.length ? (values.slice(0, listedOf(expr)) as Scalar[]) : null }
}

/** Two passes: first the mean, then the powers of the distance from it. */
function statistic(fn: AggregateName, present: readonly Value[], divisor: number): number | null {
  const n = present.length
  if (fn === 'entropy') {
    const shares = [...new Set(present)].map((value) => present.filter((other) => other === value).length / n)
    return shares.reduce((bits, share) => bits - share * Math.log2(share), 0)
  }
  const numbers = present.map((value) => Number(value) / divisor)
  const mean = numbers.reduce((total, x) => total + x, 0) / n
  const m = (power: number) => numbers.reduce((total, x) => total + (x - mean) ** power, 0) / n
  const same = numbers.every((x) => x === numbers[0])
  const answer = (least: number, value: () => number) => (n < least ? null : value())
  switch (fn) {
    case 'var_pop':
      return answer(1, () => m(2))
    case 'var_samp':
      return answer(2, () => (m(2) * n) / (n - 1))
    case 'stddev_pop':
      return answer(1, () => Math.sqrt(m(2)))
    case 'stddev_samp':
      return answer(2, () => Math.sqrt((m(2) * n) / (n - 1)))
    case 'skewness_pop':
      return same ? null : answer(1, () => m(3) / m(2) ** 1.5)
    case 'skewness':
      return same ? null : answer(3, () => ((m(3) / m(2) ** 1.5) * Math.sqrt(n * (n - 1))) / (n - 2))
    case 'kurtosis_pop':
      return same ? null : answer(2, () => m(4) / m(2) ** 2 - 3)
    case 'kurtosis':
      return same ? null : answer(4, () => ((n - 1) * (((n + 1) * m(4)) / m(2) ** 2 - 3 * (n - 1))) / ((n - 2) * (n - 3)))
    default:
      throw new Error(`${fn} has no naive scan`)
  }
}

function instant(bound: Bound, atMs: number): number {
  if (bound.kind === 'unbounded') return Number.NEGATIVE_INFINITY
  return bound.kind === 'current' ? atMs : shiftMs(atMs, bound.interval, -1)
}
