/** The functions by their SQL names. */
import { type AggregateName, ScalarName } from './model.ts'
import { PART_FUNCTIONS, type SignedName, signatureOf } from './scalars.ts'

const AGGREGATES: Record<string, AggregateName> = {
  count: 'count',
  count_if: 'count_if',
  countif: 'count_if',
  sum: 'sum',
  avg: 'avg',
  mean: 'avg',
  min: 'min',
  max: 'max',
  first: 'first',
  first_value: 'first',
  last: 'last',
  last_value: 'last',
  bool_and: 'bool_and',
  every: 'bool_and',
  bool_or: 'bool_or',
  stddev: 'stddev_samp',
  stddev_samp: 'stddev_samp',
  stddev_pop: 'stddev_pop',
  variance: 'var_samp',
  var_samp: 'var_samp',
  var_pop: 'var_pop',
  skewness: 'skewness',
  skewness_pop: 'skewness_pop',
  kurtosis: 'kurtosis',
  kurtosis_pop: 'kurtosis_pop',
  median: 'median',
  quantile_cont: 'quantile_cont',
  quantile: 'quantile_disc',
  quantile_disc: 'quantile_disc',
  mode: 'mode',
  entropy: 'entropy',
  arg_min: 'arg_min',
  argmin: 'arg_min',
  min_by: 'arg_min',
  arg_max: 'arg_max',
  argmax: 'arg_max',
  max_by: 'arg_max',
  exp_decay_sum: 'exp_decay_sum',
  lag: 'lag',
  time_since_last: 'time_since_last',
  list: 'list',
  array_agg: 'list',
  histogram: 'histogram',
  approx_count_distinct: 'approx_count_distinct',
  approx_quantile: 'approx_quantile',
}

const ARITIES: Partial<Record<AggregateName, Arity>> = {
  quantile_cont: { min: 2, max: 2 },
  quantile_disc: { min: 2, max: 2 },
  approx_quantile: { min: 2, max: 2 },
  exp_decay_sum: { min: 2, max: 2 },
  min: { min: 1, max: 2 },
  max: { min: 1, max: 2 },
  arg_min: { min: 2, max: 3 },
  arg_max: { min: 2, max: 3 },
  lag: { min: 1, max: 2 },
  time_since_last: { min: 0, max: 0 },
}

/** How many arguments an aggregate takes; COUNT(*) apart. */
export function aggregateArity(fn: AggregateName): Arity {
  return ARITIES[fn] ?? { min: 1, max: 1 }
}

/** Which argument says how many values a list of the first, largest or smallest holds; undefined: the aggregate has no such form. */
export function countArgument(fn: AggregateName): number | undefined {
  if (fn === 'min' || fn === 'max') return 1
  return fn === 'arg_min' || fn === 'arg_max' ? 2 : undefined
}
/** The longest list of that kind. */
export const MAX_LISTED = 1000

/** Over different values only: another aggregate (`counts`), the same one (`same`), or nothing that means anything (undefined). */
export function ofDistinct(fn: AggregateName, isList: boolean): 'counts' | 'same' | undefined {
  if (fn === 'min' || fn === 'max') return isList ? 'counts' : 'same'
  if (fn === 'bool_and' || fn === 'bool_or' || fn === 'approx_count_distinct') return 'same'
  return /^(count|sum|avg|list|median|quantile_cont|quantile_disc|stddev_.*|var_.*|skewness.*|kurtosis.*)$/.test(fn) ? 'counts' : undefined
}

/** They look at rows before the current one, whatever the frame: all of the key's rows may matter. */
export function ignoresFrame(fn: AggregateName): boolean {
  return fn === 'lag' || fn === 'time_since_last'
}
/** Its value falls with every millisecond: it is right for one moment only. */
export function fallsWithTime(fn: AggregateName): boolean {
  return fn === 'exp_decay_sum'
}
const MERGEABLE: ReadonlySet<AggregateName> = new Set([
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
  'arg_min',
  'arg_max',
  'histogram',
  'approx_count_distinct',
  'approx_quantile',
])
/** Its value over several panes follows from what is kept of each (for COUNT(DISTINCT x): their sets). PRECISION takes only such. */
export function isMergeable(fn: AggregateName): boolean {
  return MERGEABLE.has(fn)
}
export const MAX_LAG = 1000

type Arity = { min: number; max: number }
const OWN_ARITY: Record<Exclude<ScalarName, SignedName>, Arity> = {
  coalesce: { min: 1, max: 100 },
  nullif: { min: 2, max: 2 },
  greatest: { min: 1, max: 100 },
  least: { min: 1, max: 100 },
  abs: { min: 1, max: 1 },
  div: { min: 2, max: 2 },
  round: { min: 1, max: 2 },
  floor: { min: 1, max: 1 },
  ceil: { min: 1, max: 1 },
  trunc: { min: 1, max: 1 },
  lower: { min: 1, max: 1 },
  upper: { min: 1, max: 1 },
  length: { min: 1, max: 1 },
}

/** How many arguments a scalar function takes; 100 stands for any number. */
export function scalarArity(name: ScalarName): Arity {
  const signature = signatureOf(name)
  if (!signature) return OWN_ARITY[name as keyof typeof OWN_ARITY]
  const { takes, least = takes.length, repeats } = signature
  return { min: least, max: repeats ? 100 : takes.length }
}
export const SCALAR_NAMES = ScalarName.options
const SCALAR_SPELLINGS: Record<string, ScalarName> = {
  ceiling: 'ceil',
  char_length: 'length',
  character_length: 'length',
  len: 'length',
  ifnull: 'coalesce',
  lcase: 'lower',
  ucase: 'upper',
  substr: 'substring',
  btrim: 'trim',
  position: 'strpos',
  instr: 'strpos',
  pow: 'power',
  log: 'log10',
  extract: 'date_part',
  datepart: 'date_part',
  datetrunc: 'date_trunc',
  datediff: 'date_diff',
}

export function aggregateByName(name: string): AggregateName | undefined {
  return Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined
}

export function scalarByName(name: string): ScalarName | undefined {
  if (SCALAR_NAMES.some((one) => one === name)) return name as ScalarName
  return Object.hasOwn(SCALAR_SPELLINGS, name) ? SCALAR_SPELLINGS[name] : undefined
}

/** Names to suggest for a misspelt one. */
export const FUNCTION_NAMES: string[] = [
  ...Object.keys(AGGREGATES),
  ...SCALAR_NAMES,
  ...Object.keys(SCALAR_SPELLINGS),
  ...Object.keys(PART_FUNCTIONS),
  'mod',
  'if',
]
/** They stand in GROUP BY only. */
export const GROUP_FUNCTIONS: ReadonlySet<string> = new Set(['tumble', 'hop', 'session'])

/** A name that a feature in TypeScript cannot have. */
export const isFunctionName = (name: string): boolean => FUNCTION_NAMES.includes(name) || GROUP_FUNCTIONS.has(name)
export const AGGREGATE_NAMES: AggregateName[] = [...new Set(Object.values(AGGREGATES))]
