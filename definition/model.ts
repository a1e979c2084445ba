/**
 * What a feature view *is*: the one shape that SQL and the form are both views of.
 * Pure data, JSON-safe, parsed with zod wherever it crosses a boundary.
 */
import { z } from 'zod'

/** A field's type, as text: `boolean` `int` `double` `decimal(p,s)` `string` `timestamp`. */
export const FieldType = z.string().regex(/^(boolean|int|double|string|timestamp|decimal\((\d{1,2}),(\d{1,2})\))$/, 'unknown type')
export type FieldType = z.infer<typeof FieldType>

/** The type of an expression's or feature's value: a field's type, a list `T[]` of one, or a map `map(T,int)` from one to whole numbers. */
export const ValueType = z
  .string()
  .regex(
    /^(boolean|int|double|string|timestamp|decimal\(\d{1,2},\d{1,2}\))(\[\])?$|^map\((boolean|int|double|string|timestamp|decimal\(\d{1,2},\d{1,2}\)),int\)$/,
    'unknown type',
  )
export type ValueType = z.infer<typeof ValueType>

export const Name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[\p{L}_][\p{L}\p{N}_]*$/u, 'a name starts with a letter or _ and holds letters, digits and _')

export const Field = z.object({ name: z.string().min(1).max(128), type: FieldType, nullable: z.boolean().optional() })
export type Field = z.infer<typeof Field>

/** The part of a stream that a view definition is checked against. `eventTime` names a timestamp field. */
export const StreamSchema = z.object({ name: Name, fields: z.array(Field).min(1), eventTime: z.string() })
export type StreamSchema = z.infer<typeof StreamSchema>

/** What a view sees of an event: a stream's fields, or the columns of a union, then with the streams of its branches in their order. */
export type SourceSchema = StreamSchema & { branches?: readonly StreamSchema[] }

/** A calendar interval. Months are clamped to the end of the month, days are 24 h (UTC), ms the rest. */
export const Interval = z.object({ months: z.int(), days: z.int(), ms: z.int() })
export type Interval = z.infer<typeof Interval>

export const BinaryOp = z.enum(['+', '-', '*', '/', '%', '||', '=', '<>', '<', '<=', '>', '>=', 'and', 'or'])
export type BinaryOp = z.infer<typeof BinaryOp>

/** Aggregate and row functions over a window; the closed list of this build. */
export const AggregateName = z.enum([
  'count',
  'count_if',
  'sum',
  'avg',
  'min',
  'max',
  'first',
  'last',
  'bool_and',
  'bool_or',
  'stddev_samp',
  'stddev_pop',
  'var_samp',
  'var_pop',
  'skewness',
  'skewness_pop',
  'kurtosis',
  'kurtosis_pop',
  'median',
  'quantile_cont',
  'quantile_disc',
  'mode',
  'entropy',
  'arg_min',
  'arg_max',
  'exp_decay_sum',
  'lag',
  'time_since_last',
  'list',
  'histogram',
  'approx_count_distinct',
  'approx_quantile',
])
export type AggregateName = z.infer<typeof AggregateName>

/** Scalar functions. `div` is integer division; `/` is true division. */
export const ScalarName = z.enum([
  'coalesce',
  'nullif',
  'abs',
  'div',
  'round',
  'floor',
  'ceil',
  'trunc',
  'lower',
  'upper',
  'length',
  'greatest',
  'least',
  'concat',
  'concat_ws',
  'substring',
  'trim',
  'ltrim',
  'rtrim',
  'replace',
  'split_part',
  'left',
  'right',
  'reverse',
  'repeat',
  'lpad',
  'rpad',
  'strpos',
  'starts_with',
  'ends_with',
  'contains',
  'date_part',
  'date_trunc',
  'date_diff',
  'epoch_ms',
  'sqrt',
  'cbrt',
  'power',
  'exp',
  'ln',
  'log10',
  'log2',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'atan2',
  'radians',
  'degrees',
  'pi',
  'sign',
])
export type ScalarName = z.infer<typeof ScalarName>

export type Expr =
  | { kind: 'literal'; type: 'null' | 'boolean' | 'int' | 'double' | 'string'; value: null | boolean | number | string }
  | { kind: 'decimal'; text: string } // a numeric constant with a fraction, its digits kept
  | { kind: 'interval'; value: Interval }
  | { kind: 'field'; name: string } // a field of the event, by its exact name
  | { kind: 'feature'; name: string } // a column of this view defined before this one
  | { kind: 'windowEdge'; edge: 'start' | 'end' } // of the group window that a row stands for
  | { kind: 'unary'; op: '-' | 'not'; arg: Expr }
  | { kind: 'binary'; op: BinaryOp; left: Expr; right: Expr }
  | { kind: 'isNull'; arg: Expr; negated: boolean }
  | { kind: 'isDistinct'; left: Expr; right: Expr; negated: boolean }
  | { kind: 'in'; arg: Expr; list: Expr[]; negated: boolean }
  | { kind: 'like'; arg: Expr; pattern: Expr; negated: boolean; insensitive: boolean; escape?: string }
  | { kind: 'case'; branches: { when: Expr; then: Expr }[]; otherwise?: Expr }
  | { kind: 'call'; name: ScalarName; args: Expr[] }
  | { kind: 'cast'; arg: Expr; type: FieldType }
  | { kind: 'aggregate'; fn: AggregateName; args: Expr[]; star?: boolean; distinct?: boolean; filter?: Expr; window: string }
  | { kind: 'code'; feature: string; args: CodeArgument[] } // a feature in TypeScript, over all events of the key

/** Of a code feature, by name: its inputs in the order of their declaration, then the parameters that are given. */
export type CodeArgument = { name: string; value: Expr }

export const Expr: z.ZodType<Expr> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('literal'),
      type: z.enum(['null', 'boolean', 'int', 'double', 'string']),
      value: z.union([z.null(), z.boolean(), z.number(), z.string()]),
    }),
    z.object({ kind: z.literal('decimal'), text: z.string().regex(/^\d+\.?\d*$|^\.\d+$/) }),
    z.object({ kind: z.literal('interval'), value: Interval }),
    z.object({ kind: z.literal('field'), name: z.string() }),
    z.object({ kind: z.literal('feature'), name: z.string() }),
    z.object({ kind: z.literal('windowEdge'), edge: z.enum(['start', 'end']) }),
    z.object({ kind: z.literal('unary'), op: z.enum(['-', 'not']), arg: Expr }),
    z.object({ kind: z.literal('binary'), op: BinaryOp, left: Expr, right: Expr }),
    z.object({ kind: z.literal('isNull'), arg: Expr, negated: z.boolean() }),
    z.object({ kind: z.literal('isDistinct'), left: Expr, right: Expr, negated: z.boolean() }),
    z.object({ kind: z.literal('in'), arg: Expr, list: z.array(Expr).min(1), negated: z.boolean() }),
    z.object({
      kind: z.literal('like'),
      arg: Expr,
      pattern: Expr,
      negated: z.boolean(),
      insensitive: z.boolean(),
      escape: z.string().optional(),
    }),
    z.object({ kind: z.literal('case'), branches: z.array(z.object({ when: Expr, then: Expr })).min(1), otherwise: Expr.optional() }),
    z.object({ kind: z.literal('call'), name: ScalarName, args: z.array(Expr) }),
    z.object({ kind: z.literal('cast'), arg: Expr, type: FieldType }),
    z.object({
      kind: z.literal('aggregate'),
      fn: AggregateName,
      args: z.array(Expr),
      star: z.boolean().optional(),
      distinct: z.boolean().optional(),
      filter: Expr.optional(),
      window: z.string(),
    }),
    z.object({
      kind: z.literal('code'),
      feature: z.string(),
      args: z.array(z.object({ name: z.string(), value: Expr })),
    }),
  ]),
)

/** One end of a RANGE frame, looking back from the current row's event time. */
export const Bound = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unbounded') }),
  z.object({ kind: z.literal('preceding'), interval: Interval }),
  z.object({ kind: z.literal('current') }),
])
export type Bound = z.infer<typeof Bound>

/** One end of a ROWS frame: so many rows of the key before the current one. */
export const RowBound = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unbounded') }),
  z.object({ kind: z.literal('rows'), count: z.int() }),
  z.object({ kind: z.literal('current') }),
])
export type RowBound = z.infer<typeof RowBound>

/** What a frame leaves out: the current row, the other rows of its millisecond, or both. */
export const Exclude = z.enum(['current_row', 'ties', 'group'])
export type Exclude = z.infer<typeof Exclude>

const anyWindow = {
  name: Name,
  exclude: Exclude.optional(),
  /** hint MAX_ROWS: only so many of the newest rows of the frame, after EXCLUDE */
  maxRows: z.int().optional(),
}
/** RANGE over event time, closed at both ends. `start` is the far end. */
export const RangeWindow = z.object({
  ...anyWindow,
  mode: z.literal('range'),
  start: Bound,
  end: Bound,
  /** hint PRECISION: panes of this width are kept instead of rows, both ends are rounded outwards; no months */
  precision: Interval.optional(),
})
export type RangeWindow = z.infer<typeof RangeWindow>
/** ROWS, in order of event time and, within a millisecond, of position. */
export const RowsWindow = z.object({
  ...anyWindow,
  mode: z.literal('rows'),
  start: RowBound,
  end: RowBound,
  /** panes are of time: rows counted one by one have none */
  precision: z.undefined().optional(),
})
export type RowsWindow = z.infer<typeof RowsWindow>
/** A named window. */
export const Window = z.discriminatedUnion('mode', [RangeWindow, RowsWindow])
export type Window = z.infer<typeof Window>

/** What an aggregate of a group view names as its window: no window of OVER can have this name. */
export const GROUP_WINDOW = ''

/**
 * `GROUP BY key, TUMBLE | HOP | SESSION(event_time, …)`: one row per key and window, at its close, instead of one per event. A window
 * holds [start, end). TUMBLE and HOP are aligned to the epoch; a session ends `gap` after its last event.
 */
export const GroupWindow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tumble'), size: Interval }),
  z.object({ kind: z.literal('hop'), slide: Interval, size: Interval }),
  z.object({ kind: z.literal('session'), gap: Interval }),
])
export type GroupWindow = z.infer<typeof GroupWindow>

export const Feature = z.object({ name: Name, expr: Expr })
export type Feature = z.infer<typeof Feature>

/**
 * A feature written in TypeScript, as a view version pins it: what it is called with, and the JavaScript that runs. A later edit of
 * its file has another hash and touches nothing that runs. Never taken from a client: the checks put it in from the list they are given.
 */
export const CodeFeature = z.object({
  name: z.string().regex(/^[a-z_][a-z0-9_]{0,39}$/),
  /** of the source text; the feature's identity */
  hash: z.string(),
  file: z.string(),
  /** its sentence for people */
  doc: z.string(),
  inputs: z.array(z.object({ name: z.string(), type: FieldType, nullable: z.boolean() })),
  output: FieldType,
  parameters: z.array(z.object({ name: z.string(), type: FieldType, default: z.union([z.boolean(), z.number(), z.string()]) })),
  ttlMs: z.number().nullable(),
  /** JavaScript: the file without its types */
  source: z.string().max(200_000),
})
export type CodeFeature = z.infer<typeof CodeFeature>

/** View-scoped parameters given in the definition itself (hint comments). */
export const Hints = z.object({
  order: z.enum(['arrival', 'event_time']).optional(),
  readClock: z.enum(['wall', 'event']).optional(),
})
export type Hints = z.infer<typeof Hints>

/** More streams than this are hardly one view; partitions above theirs are those of archives (contract/archive.ts). */
export const MAX_BRANCHES = 15

/** One SELECT of a UNION ALL: a stream, and what each column of the union is there. */
export const UnionBranch = z.object({
  stream: Name,
  /** expressions over the stream's fields; all branches name the same columns in the same order */
  columns: z.array(z.object({ name: Field.shape.name, expr: Expr })).min(1),
  where: Expr.optional(),
})
export type UnionBranch = z.infer<typeof UnionBranch>

/** The event-time column of a union, by its name. */
export const UNION_EVENT_TIME = 'event_time'

/** The features over one stream, or a union of streams, that share an entity key: the unit of versioning and release. */
export const ViewDefinition = z.object({
  /** the stream; of a union, the name that the view gives it */
  stream: Name,
  union: z.array(UnionBranch).min(2).max(MAX_BRANCHES).optional(),
  key: z.array(z.string()).min(1),
  where: Expr.optional(),
  /** windows of OVER; none where there is a group window or all features are in TypeScript, else at least one */
  windows: z.array(Window),
  group: GroupWindow.optional(),
  features: z.array(Feature).min(1),
  hints: Hints,
  /** the features in TypeScript that it calls, by name; not there where there are none */
  code: z.array(CodeFeature).min(1).optional(),
})
export type ViewDefinition = z.infer<typeof ViewDefinition>

/** Something wrong with a definition, where it stands. Line and column count from 1, in code points. */
export const Problem = z.object({
  code: z.string(),
  message: z.string(),
  line: z.int(),
  column: z.int(),
  endColumn: z.int().optional(),
  hint: z.string().optional(),
  /** Where in the definition it stands, for the form: `features.2.expr`, `windows.0.end`, `where`, `key.0`, `stream`. */
  path: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** A checked definition: what the engine and the screens may rely on. Feature types are in the order of `features`. */
export type CheckedView = {
  definition: ViewDefinition
  /** what the view sees of an event; of a union, its columns */
  stream: SourceSchema
  featureTypes: { name: string; id: string; type: ValueType; note?: 'latest-event' }[]
  /** what a person should know before running it, though nothing is wrong */
  notes: ViewNote[]
}

/** `arrival-union`: the order of several streams' arrival is chance, and so are values that depend on it. */
export type ViewNote = 'arrival-union'
