/**
 * Random sound definitions over a given stream, in normal form: for the law parse(print(d)) = d, and for comparing the
 * engine with DuckDB. Every choice is drawn from fast-check, so a failing seed prints itself and shrinks.
 */
import fc from 'fast-check'
import { checkDefinition } from '../check-view.ts'
import { AGGREGATE_NAMES, ignoresFrame, isMergeable } from '../functions.ts'
import {
  GROUP_WINDOW,
  type AggregateName,
  type BinaryOp,
  type Bound,
  type Expr,
  type Feature,
  type Field,
  type GroupWindow,
  type Hints,
  type Interval,
  type RangeWindow,
  type RowBound,
  type StreamSchema,
  UNION_EVENT_TIME,
  type UnionBranch,
  type ViewDefinition,
  type Window,
  type ScalarName,
} from '../model.ts'
import { roughMs } from '../interval.ts'
import { DATE_PARTS, type PartFunction, type Signature, SIGNATURES, type SignedName } from '../scalars.ts'
import { isDecimal } from '../types.ts'

export type ViewKnobs = {
  /** Possible keys; by default any one string, int or boolean field, or two of them. */
  keys?: string[][]
  maxFeatures?: number
  maxWindows?: number
  /** Lengths for window bounds; choose them to fit the spacing of the events. */
  lengths?: Interval[]
  /** Windows that reach back without bound. */
  unbounded?: boolean
  /** Windows that end before the current row. */
  endOffsets?: boolean
  aggregates?: AggregateName[]
  filters?: boolean
  where?: boolean
  /** Columns over earlier columns. */
  derived?: boolean
  /** Bare event columns outside aggregates: "at the key's latest event". */
  latestEvent?: boolean
  hints?: boolean
  /** ROWS frames, which order rows of one millisecond by position: DuckDB does not know it. */
  rows?: boolean
  /** EXCLUDE. */
  exclude?: boolean
  /** Row caps (MAX_ROWS). */
  maxRows?: boolean
  /** Windows that keep panes instead of rows: no oracle but a naive scan says it. */
  precision?: boolean
  /** GROUP BY with a window instead of windows of OVER. */
  groups?: 'never' | 'sometimes' | 'always'
  /** `/`, `%` and div: dialects differ when dividing by zero. */
  division?: boolean
  casts?: boolean
  timestamps?: boolean
  /** Constants that are NULL, or that may give NULL together: DuckDB folds an expression over those and forgets its type. */
  nulls?: boolean
  /** Features that are lists or maps: LIST, the k largest and smallest, HISTOGRAM. */
  collections?: boolean
  /** Functions of texts, dates and maths; maths differ in the last digit from one library to another. */
  functions?: readonly SignedName[]
  /** Depth of expressions. */
  depth?: number
  /** Names that need quotes. */
  oddNames?: boolean
  /** Text constants; make some of them occur in the data. */
  strings?: string[]
  ints?: number[]
  decimals?: string[]
}

const ms = (length: number): Interval => ({ months: 0, days: 0, ms: length })
export const DEFAULT_KNOBS: Required<Omit<ViewKnobs, 'keys'>> = {
  maxFeatures: 6,
  maxWindows: 3,
  lengths: [ms(0), ms(1), ms(999), ms(1000), ms(90_000), ms(3_600_000), { months: 0, days: 1, ms: 0 }, { months: 0, days: 2, ms: 1500 }],
  unbounded: true,
  endOffsets: true,
  aggregates: AGGREGATE_NAMES,
  filters: true,
  where: true,
  derived: true,
  latestEvent: true,
  hints: true,
  rows: false,
  exclude: false,
  maxRows: false,
  precision: false,
  groups: 'never',
  division: true,
  casts: true,
  timestamps: true,
  nulls: true,
  collections: false,
  functions: [],
  depth: 3,
  oddNames: false,
  strings: ['', 'a', 'b', 'A', "it's", 'a%_b', '😀中文'],
  ints: [0, 1, 2, 3, -1, -5, 10, 100],
  decimals: ['0.5', '1.5', '2.25', '10.0'],
}

/** Every kind of window. */
export const ALL_FRAMES = { rows: true, exclude: true, maxRows: true, precision: true } as const

/** Everything switched on, odd names and calendar months included: for the printer and the parser, not for DuckDB. */
export const ALL_KNOBS: ViewKnobs = {
  oddNames: true,
  collections: true,
  functions: Object.keys(SIGNATURES) as SignedName[],
  depth: 4,
  ...ALL_FRAMES,
  groups: 'sometimes',
  lengths: [...DEFAULT_KNOBS.lengths, { months: 1, days: 0, ms: 0 }, { months: 14, days: 3, ms: 7 }, { months: 24, days: 0, ms: 0 }],
  ints: [...DEFAULT_KNOBS.ints, 2 ** 53, -(2 ** 53), 2 ** 31, 99_999_999_999],
  decimals: [...DEFAULT_KNOBS.decimals, '.5', '1.', '00.10', '123456789012345678.5'],
}

type Type = 'boolean' | 'int' | 'double' | 'decimal' | 'string' | 'timestamp'
/** Aggregates of numbers that are a double, whatever they are given; and ENTROPY. */
const DOUBLES: ReadonlySet<AggregateName> = new Set(
  AGGREGATE_NAMES.filter((fn) => /^(avg|stddev|var|skewness|kurtosis|median|quantile_cont|entropy|exp_decay_sum|approx_quantile)/.test(fn)),
)
const FRACTIONS = ['0.0', '0.05', '0.25', '0.5', '0.9', '0.99', '1.0']
const ODD_NAMES = ['Mixed_Case', 'select', 'Ünï', '中文', 'left', 'x_1', '_', 'window', 'ORDER', 'values', 'first', 'ö']

export function arbitraryView(stream: StreamSchema, knobs: ViewKnobs = {}): fc.Arbitrary<ViewDefinition> {
  return fc.gen().map((draw) => {
    const definition = new Maker(stream, { ...DEFAULT_KNOBS, ...knobs }, draw).view()
    const { checked, problems } = checkDefinition(definition, [stream])
    if (!checked) throw new Error(`the generator made an unsound view: ${JSON.stringify(problems)} of ${JSON.stringify(definition)}`)
    return checked.definition
  })
}

/** The same over a union of two to four branches, each over one of the streams; `union` says what its columns are like. */
export function arbitraryUnionView(
  union: StreamSchema,
  streams: readonly StreamSchema[],
  knobs: ViewKnobs = {},
): fc.Arbitrary<ViewDefinition> {
  return fc.gen().map((draw) => {
    const all = { ...DEFAULT_KNOBS, ...knobs }
    const branches = Array.from({ length: draw(fc.integer, { min: 2, max: 4 }) }, (_, i) => {
      const stream = streams[draw(fc.integer, { min: 0, max: streams.length - 1 })]!
      return new Maker(stream, { ...all, nulls: all.nulls && i > 0 }, draw).branch(union.fields)
    })
    const definition = { ...new Maker(union, all, draw).view(), union: branches }
    const { checked, problems } = checkDefinition(definition, streams)
    if (!checked) throw new Error(`the generator made an unsound view: ${JSON.stringify(problems)} of ${JSON.stringify(definition)}`)
    return checked.definition
  })
}

function isPane(width: Interval, { start, end }: RangeWindow): boolean {
  const lengthMs = (bound: Bound) => (bound.kind === 'preceding' ? roughMs(bound.interval) : 0)
  return width.months === 0 && roughMs(width) > 0 && (start.kind === 'unbounded' || roughMs(width) <= lengthMs(start) - lengthMs(end))
}

type Draw = fc.GeneratorValue
type Knobs = Required<Omit<ViewKnobs, 'keys'>> & Pick<ViewKnobs, 'keys'>
/** What an expression may use where it stands. */
type Where = { fields: boolean; aggregates: boolean; features: { name: string; type: Type }[] }

class Maker {
  readonly #stream: StreamSchema
  readonly #knobs: Knobs
  readonly #draw: Draw
  #windows: Window[] = []
  #group: GroupWindow | undefined

  constructor(stream: StreamSchema, knobs: Knobs, draw: Draw) {
    this.#stream = stream
    this.#knobs = knobs
    this.#draw = draw
  }

  view(): ViewDefinition {
    const knobs = this.#knobs
    const key = this.#pick(knobs.keys ?? this.#possibleKeys())
    const names = knobs.oddNames ? ['w', 'W2', 'window', '中', 'w24h'] : ['w', 'w2', 'w3', 'w4', 'w5']
    if (knobs.groups === 'always' || (knobs.groups === 'sometimes' && this.#int(0, 3) === 0)) this.#group = this.#groupWindow()
    else this.#windows = names.slice(0, this.#int(1, Math.min(knobs.maxWindows, names.length))).map((name) => this.#window(name))
    const features: Feature[] = []
    const known: { name: string; type: Type }[] = []
    const wanted = this.#int(1, knobs.maxFeatures)
    for (let i = 0; i < wanted; i++) {
      const type = this.#type()
      const name = this.#name(i)
      const collection = knobs.collections && this.#int(0, 4) === 0 ? this.#collection(type, knobs.depth) : undefined
      if (collection) {
        features.push({ name, expr: collection })
        continue
      }
      const expr = this.#feature(type, i === 0 ? [] : known)
      features.push({ name, expr })
      known.push({ name, type })
    }
    const inWhere: Where = { fields: true, aggregates: false, features: [] }
    const where = knobs.where && this.#chance() ? this.#expr('boolean', inWhere, knobs.depth) : undefined
    const group = this.#group && { group: this.#group }
    return { stream: this.#stream.name, key, ...(where && { where }), windows: this.#windows, ...group, features, hints: this.#hints() }
  }

  /** A branch of a union with columns of these types; decimals are of exactly the type that is asked for. */
  branch(columns: readonly Field[]): UnionBranch {
    const knobs = this.#knobs
    const inBranch: Where = { fields: true, aggregates: false, features: [] }
    const where = knobs.where && this.#chance() ? this.#expr('boolean', inBranch, knobs.depth) : undefined
    return {
      stream: this.#stream.name,
      columns: columns.map(({ name, type }) => {
        if (name === UNION_EVENT_TIME) return { name, expr: { kind: 'field', name: this.#stream.eventTime } }
        const kind = isDecimal(type) ? 'decimal' : (type as Type)
        const field = this.#int(0, 2) > 0 ? this.#field(kind) : undefined
        const expr = field ?? this.#expr(kind, inBranch, Math.min(knobs.depth, 2))
        return { name, expr: kind === 'decimal' ? { kind: 'cast', arg: expr, type } : expr }
      }),
      ...(where && { where }),
    }
  }

  #feature(type: Type, known: { name: string; type: Type }[]): Expr {
    const { derived, latestEvent, depth } = this.#knobs
    const plain = this.#int(0, 9) < 5 ? this.#aggregate(type, depth) : undefined
    if (plain) return plain
    return this.#expr(
      type,
      { fields: latestEvent && (!this.#knobs.nulls || this.#chance()), aggregates: true, features: derived ? known : [] },
      depth,
    )
  }

  #name(i: number): string {
    const taken = new Set(this.#stream.fields.map(({ name }) => name.toLowerCase()))
    const odd = this.#knobs.oddNames && this.#chance() ? ODD_NAMES[i] : undefined
    return odd && !taken.has(odd.toLowerCase()) ? odd : `feature_${i}`
  }

  #possibleKeys(): string[][] {
    const singles = this.#stream.fields.filter(({ type }) => ['string', 'int', 'boolean'].includes(type)).map(({ name }) => name)
    const [first, second] = singles
    return [
      ...singles.map((name) => [name]),
      ...(first && second
        ? [
            [first, second],
            [second, first],
          ]
        : []),
    ]
  }

  #hints(): Hints {
    if (!this.#knobs.hints) return {}
    const order = this.#group ? 'event_time' : this.#pick([undefined, 'arrival', 'event_time'] as const)
    const readClock = this.#pick([undefined, 'wall', 'event'] as const)
    return { ...(order && { order }), ...(readClock && { readClock }) }
  }

  #groupWindow(): GroupWindow {
    const fixed = this.#knobs.lengths.filter((length) => length.months === 0 && roughMs(length) > 0)
    const months = this.#knobs.lengths.filter((length) => length.months > 0 && length.days === 0 && length.ms === 0)
    const kind = this.#pick(['tumble', 'hop', 'session'] as const)
    if (kind === 'tumble') return { kind, size: this.#pick([...fixed, ...months]) }
    if (kind === 'session') return { kind, gap: this.#pick(fixed) }
    const slide = this.#pick(fixed)
    return {
      kind,
      slide,
      size: this.#pick(fixed.filter((size) => roughMs(size) >= roughMs(slide) && roughMs(size) <= 100 * roughMs(slide))),
    }
  }

  #window(name: string): Window {
    const knobs = this.#knobs
    const frame = knobs.rows && this.#int(0, 2) === 0 ? this.#rowsFrame(name) : this.#rangeFrame(name)
    const exclude = knobs.exclude && this.#chance() ? this.#pick(['current_row', 'ties', 'group'] as const) : undefined
    const maxRows = knobs.maxRows && this.#chance() ? this.#int(1, 4) : undefined
    const window: Window = { ...frame, ...(exclude && { exclude }), ...(maxRows !== undefined && { maxRows }) }
    if (window.mode === 'rows' || exclude || maxRows !== undefined) return window
    const widths = knobs.precision && this.#chance() ? knobs.lengths.filter((width) => isPane(width, window)) : []
    return widths.length > 0 ? { ...window, precision: this.#pick(widths) } : window
  }

  #rowsFrame(name: string): Window {
    const [a, b] = [this.#int(0, 5), this.#int(0, 5)]
    const rows = (count: number): RowBound => ({ kind: 'rows', count })
    const end: RowBound = this.#int(0, 2) === 0 ? rows(Math.min(a, b)) : { kind: 'current' }
    const shape = this.#int(0, 9)
    if (this.#knobs.unbounded && shape < 2) return { name, mode: 'rows', start: { kind: 'unbounded' }, end }
    if (shape === 2) return { name, mode: 'rows', start: { kind: 'current' }, end: { kind: 'current' } }
    return { name, mode: 'rows', start: rows(Math.max(a, b)), end }
  }

  #rangeFrame(name: string): RangeWindow {
    const { lengths, unbounded, endOffsets } = this.#knobs
    const [a, b] = [this.#pick(lengths), this.#pick(lengths)]
    const [far, near] = roughMs(a) >= roughMs(b) ? [a, b] : [b, a]
    const end: Bound = endOffsets && this.#int(0, 3) === 0 ? { kind: 'preceding', interval: near } : { kind: 'current' }
    const shape = this.#int(0, 9)
    if (unbounded && shape === 0) return { name, mode: 'range', start: { kind: 'unbounded' }, end }
    if (shape === 1) return { name, mode: 'range', start: { kind: 'current' }, end: { kind: 'current' } }
    return { name, mode: 'range', start: { kind: 'preceding', interval: far }, end }
  }

  #type(): Type {
    return this.#pick((['int', 'double', 'boolean', 'string', 'decimal', 'timestamp'] as const).filter((type) => this.#has(type)))
  }

  #has(type: Type): boolean {
    return type === 'timestamp' ? this.#knobs.timestamps : true
  }

  /** An aggregate of this type, or undefined if none can have it. */
  #aggregate(type: Type, depth: number): Expr | undefined {
    const window = this.#group ? { name: GROUP_WINDOW, precision: undefined } : this.#pick(this.#windows)
    const fns = this.#knobs.aggregates.filter((fn) => {
      if (this.#group && ignoresFrame(fn)) return false
      if (window.precision && !isMergeable(fn)) return false
      if (fn === 'count' || fn === 'count_if' || fn === 'approx_count_distinct') return type === 'int'
      if (fn === 'list' || fn === 'histogram') return false
      if (DOUBLES.has(fn)) return type === 'double'
      if (fn === 'time_since_last') return type === 'int'
      if (fn === 'bool_and' || fn === 'bool_or') return type === 'boolean'
      return fn === 'sum' ? type === 'int' || type === 'double' || type === 'decimal' : true
    })
    if (fns.length === 0) return undefined
    const fn = this.#pick(fns)
    const inside: Where = { fields: true, aggregates: false, features: [] }
    const filter = this.#knobs.filters && this.#int(0, 2) === 0 ? this.#expr('boolean', inside, depth - 1) : undefined
    const rest = { ...(filter && { filter }), window: window.name }
    if (fn === 'count' && this.#chance()) return { kind: 'aggregate', fn, args: [], star: true, ...rest }
    const argType: Type =
      fn === 'count_if'
        ? 'boolean'
        : fn === 'count' || fn === 'entropy' || fn === 'approx_count_distinct'
          ? this.#type()
          : DOUBLES.has(fn)
            ? this.#pick(['int', 'double', 'decimal'] as const)
            : type
    const argOf = (wanted: Type) => (this.#int(0, 2) > 0 ? this.#field(wanted) : undefined) ?? this.#expr(wanted, inside, depth - 1)
    if (fn === 'time_since_last') return { kind: 'aggregate', fn, args: [], ...rest }
    const args = [argOf(argType)]
    if (fn === 'lag' && this.#chance()) args.push({ kind: 'literal', type: 'int', value: this.#int(1, 4) })
    if (fn === 'exp_decay_sum') args.push({ kind: 'interval', value: this.#pick([ms(1000), ms(90_500), { months: 0, days: 1, ms: 0 }]) })
    if (fn === 'arg_min' || fn === 'arg_max') args.push(argOf(this.#type()))
    if (fn === 'quantile_cont' || fn === 'quantile_disc' || fn === 'approx_quantile')
      args.push(
        this.#pick<Expr>([...FRACTIONS.map((text): Expr => ({ kind: 'decimal', text })), { kind: 'literal', type: 'int', value: 1 }]),
      )
    const distinct = fn === 'count' && this.#chance() ? { distinct: true } : {}
    return { kind: 'aggregate', fn, args, ...distinct, ...rest }
  }

  /** A list or a map of this type; undefined where the knobs leave none. */
  #collection(type: Type, depth: number): Expr | undefined {
    const window = this.#group ? undefined : this.#pick(this.#windows)
    const fns = this.#knobs.aggregates.filter(
      (fn) => ['list', 'histogram', 'min', 'max', 'arg_min', 'arg_max'].includes(fn) && (!window?.precision || isMergeable(fn)),
    )
    if (fns.length === 0) return undefined
    const fn = this.#pick(fns)
    const inside: Where = { fields: true, aggregates: false, features: [] }
    const filter = this.#knobs.filters && this.#int(0, 2) === 0 ? this.#expr('boolean', inside, depth - 1) : undefined
    const args = [this.#expr(type, inside, depth - 1)]
    if (fn === 'arg_min' || fn === 'arg_max') args.push(this.#expr(this.#type(), inside, depth - 1))
    if (fn !== 'list' && fn !== 'histogram') args.push({ kind: 'literal', type: 'int', value: this.#int(1, 4) })
    const isOpen = window?.start.kind === 'unbounded' && window.maxRows === undefined
    const distinct = (fn === 'list' && (isOpen || this.#chance())) || ((fn === 'min' || fn === 'max') && this.#chance())
    return {
      kind: 'aggregate',
      fn,
      args,
      ...(distinct && { distinct: true }),
      ...(filter && { filter }),
      window: window?.name ?? GROUP_WINDOW,
    }
  }

  #field(type: Type): Expr | undefined {
    const fitting = this.#stream.fields.filter((field) => (type === 'decimal' ? isDecimal(field.type) : field.type === type))
    return fitting.length > 0 ? { kind: 'field', name: this.#pick(fitting).name } : undefined
  }

  #expr(type: Type, where: Where, depth: number): Expr {
    if (depth <= 0 || this.#int(0, 4) === 0) return this.#leaf(type, where)
    const sub = (wanted: Type) => this.#expr(wanted, where, depth - 1)
    const shape = this.#int(0, 9)
    if (shape === 0) return { kind: 'call', name: this.#pick(['coalesce', 'greatest', 'least'] as const), args: [sub(type), sub(type)] }
    if (shape === 1) return { kind: 'call', name: 'nullif', args: [sub(type), sub(type)] }
    if (shape === 2) return this.#case(type, sub)
    if (shape === 3 && where.aggregates) return this.#aggregate(type, depth - 1) ?? this.#leaf(type, where)
    if (shape === 4 && this.#knobs.casts) return this.#cast(type, sub)
    const call = shape === 5 || shape === 6 ? this.#function(type, sub) : undefined
    if (call) return call
    switch (type) {
      case 'boolean':
        return this.#boolean(sub)
      case 'string':
        return this.#chance()
          ? { kind: 'binary', op: '||', left: sub('string'), right: sub('string') }
          : { kind: 'call', name: this.#pick(['lower', 'upper'] as const), args: [sub('string')] }
      case 'timestamp':
        return {
          kind: 'binary',
          op: this.#pick(['+', '-'] as const),
          left: sub('timestamp'),
          right: { kind: 'interval', value: this.#pick(this.#knobs.lengths) },
        }
      default:
        return this.#number(type, sub)
    }
  }

  /** A call of one of the functions with fixed types; undefined where none gives this type. */
  #function(type: Type, sub: (type: Type) => Expr): Expr | undefined {
    const names = this.#knobs.functions.filter((name) => SIGNATURES[name].gives === type)
    if (names.length === 0) return undefined
    const name = this.#pick(names)
    const { takes, least = takes.length, repeats }: Signature = SIGNATURES[name]
    const count = this.#int(least, takes.length + (repeats ? 2 : 0))
    const args = Array.from({ length: count }, (_, i): Expr => {
      const taken = takes[Math.min(i, takes.length - 1)]
      if (taken === 'part') {
        const parts = DATE_PARTS[name as PartFunction].filter((part) => part !== 'epoch') // the one that is a double
        return { kind: 'literal', type: 'string', value: this.#pick(parts) }
      }
      if (taken === 'int') return { kind: 'literal', type: 'int', value: this.#int(-3, 6) } // a text must not grow without end
      return sub(taken === 'number' ? this.#pick(['int', 'double', 'decimal'] as const) : (taken as Type))
    })
    return { kind: 'call', name, args }
  }

  #leaf(type: Type, where: Where): Expr {
    const options: Expr[] = []
    const field = where.fields ? this.#field(type) : undefined
    if (field) options.push(field, field, field)
    if (this.#group && where.aggregates && type === 'timestamp')
      options.push({ kind: 'windowEdge', edge: this.#pick(['start', 'end'] as const) })
    const features = where.features.filter((feature) => feature.type === type)
    if (features.length > 0)
      options.push({ kind: 'feature', name: this.#pick(features).name }, { kind: 'feature', name: this.#pick(features).name })
    if (this.#knobs.nulls || options.length === 0) options.push(this.#constant(type))
    return this.#pick(options)
  }

  #constant(type: Type): Expr {
    const { ints, decimals, strings } = this.#knobs
    if (this.#knobs.nulls && this.#int(0, 9) === 0)
      return { kind: 'cast', arg: { kind: 'literal', type: 'null', value: null }, type: type === 'decimal' ? 'decimal(10,2)' : type }
    switch (type) {
      case 'boolean':
        return { kind: 'literal', type, value: this.#chance() }
      case 'int':
        return { kind: 'literal', type, value: this.#pick(ints) }
      case 'double':
        return { kind: 'literal', type, value: this.#int(-100, 100) / 8 }
      case 'decimal':
        return { kind: 'cast', arg: this.#signed({ kind: 'decimal', text: this.#pick(decimals) }), type: 'decimal(10,2)' }
      case 'string':
        return { kind: 'literal', type, value: this.#pick(strings) }
      case 'timestamp':
        return {
          kind: 'cast',
          arg: { kind: 'literal', type: 'string', value: this.#pick(['2001-03-01', '2001-02-28 23:59:59.999', '1970-01-01 00:00:00']) },
          type,
        }
    }
  }

  #signed(expr: Expr): Expr {
    return this.#int(0, 3) === 0 ? { kind: 'unary', op: '-', arg: expr } : expr
  }

  #number(type: 'int' | 'double' | 'decimal', sub: (type: Type) => Expr): Expr {
    const other =
      type === 'int' ? 'int' : this.#pick(type === 'double' ? (['int', 'double', 'decimal'] as const) : (['int', 'decimal'] as const))
    const division = this.#knobs.division
    const shape = this.#int(0, 9)
    if (shape === 0) return { kind: 'unary', op: '-', arg: sub(type) }
    // DuckDB makes a DOUBLE of floor and ceil of an int, which is another text when it is cast to one, and a DECIMAL(38,0) of a rounded
    // decimal sum, to which whatever stands beside it in a COALESCE is rounded.
    if (shape === 1) {
      const names = { int: ['abs', 'round'], decimal: ['abs'], double: ['abs', 'floor', 'ceil', 'round'] } as const
      return { kind: 'call', name: this.#pick<ScalarName>(names[type]), args: [sub(type)] }
    }
    if (shape === 2 && type === 'double')
      return { kind: 'call', name: 'round', args: [sub(type), { kind: 'literal', type: 'int', value: this.#int(0, 3) }] }
    if (shape === 3 && type === 'int') return { kind: 'call', name: 'length', args: [sub('string')] }
    if (shape === 4 && type === 'int' && division) return { kind: 'call', name: 'div', args: [sub('int'), sub('int')] }
    if (shape === 5 && type === 'double' && division)
      return { kind: 'binary', op: '/', left: sub(this.#pick(['int', 'double', 'decimal'] as const)), right: sub('double') }
    // scales of decimals add up when multiplied: only int times decimal, so that no product outgrows 15 digits
    const ops: BinaryOp[] = division ? ['+', '-', '*', '%'] : ['+', '-', '*']
    const op = this.#pick(ops)
    const right = op === '*' && type === 'decimal' ? 'int' : other
    return { kind: 'binary', op, left: sub(type), right: sub(right) }
  }

  #boolean(sub: (type: Type) => Expr): Expr {
    const type = this.#type()
    const negated = this.#chance()
    switch (this.#int(0, 7)) {
      case 0:
        return { kind: 'unary', op: 'not', arg: sub('boolean') }
      case 1:
        return { kind: 'isNull', arg: sub(type), negated }
      case 2:
        return { kind: 'isDistinct', left: sub(type), right: sub(type), negated }
      case 3:
        return { kind: 'in', arg: sub(type), list: [sub(type), sub(type)], negated }
      case 4: {
        const escape = this.#knobs.functions.length > 0 && this.#chance() ? { escape: '!' } : {}
        return {
          kind: 'like',
          arg: sub('string'),
          pattern: { kind: 'literal', type: 'string', value: this.#pick(['a%', '%b%', '_', '%', '', 'A', 'a!%%', '!_%']) },
          negated,
          insensitive: this.#chance(),
          ...escape,
        }
      }
      case 5:
        return { kind: 'binary', op: this.#pick(['and', 'or'] as const), left: sub('boolean'), right: sub('boolean') }
      default:
        return { kind: 'binary', op: this.#pick(['=', '<>', '<', '<=', '>', '>='] as const), left: sub(type), right: sub(type) }
    }
  }

  #case(type: Type, sub: (type: Type) => Expr): Expr {
    const branches = Array.from({ length: this.#int(1, 2) }, () => ({ when: sub('boolean'), then: sub(type) }))
    return this.#chance() ? { kind: 'case', branches, otherwise: sub(type) } : { kind: 'case', branches }
  }

  /** Casts that cannot fail and that dialects agree on. */
  #cast(type: Type, sub: (type: Type) => Expr): Expr {
    const from: Record<Type, readonly Type[]> = {
      boolean: ['boolean', 'int'],
      int: ['int', 'boolean'],
      double: ['int', 'decimal', 'double'],
      decimal: ['int', 'decimal'],
      string: ['int', 'boolean', 'string'],
      timestamp: ['timestamp'],
    }
    return { kind: 'cast', arg: sub(this.#pick(from[type])), type: type === 'decimal' ? 'decimal(12,2)' : type }
  }

  #chance(): boolean {
    return this.#draw(fc.boolean)
  }

  #int(min: number, max: number): number {
    return this.#draw(fc.integer, { min, max })
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#int(0, from.length - 1)] as T
  }
}
