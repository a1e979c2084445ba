/** The functions of this build by their SQL names, and those that come later (so that the answer can say so). */
import type { AggregateName, ScalarName } from './model.ts'

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
export const SCALAR_ARITY: Record<ScalarName, Arity> = {
  coalesce: { min: 1, max: 100 },
  nullif: { min: 2, max: 2 },
  greatest: { min: 1, max: 100 },
  least: { min: 1, max: 100 },
  abs: { min: 1, max: 1 },
  div: { min: 2, max: 2 },
  round: { min: 1, max: 2 },
  floor: { min: 1, max: 1 },
  ceil: { min: 1, max: 1 },
  lower: { min: 1, max: 1 },
  upper: { min: 1, max: 1 },
  length: { min: 1, max: 1 },
}
const SCALAR_SPELLINGS: Record<string, ScalarName> = {
  ceiling: 'ceil',
  char_length: 'length',
  character_length: 'length',
  len: 'length',
  ifnull: 'coalesce',
  lcase: 'lower',
  ucase: 'upper',
}

const LATER = new Set(
  `percentile_cont percentile_disc any_value arbitrary lead nth_value ntile rank
  dense_rank row_number percent_rank cume_dist approx_top_k   string_agg group_concat listagg product sumkahan fsum favg bit_and bit_or bit_xor corr covar_pop covar_samp regr_slope
  tumble hop session concat concat_ws substring substr trim btrim ltrim rtrim replace split_part left right reverse repeat
  strpos position overlay regexp_matches regexp_replace extract date_part date_trunc now timezone age make_timestamp epoch epoch_ms strftime
  hour minute day month year dayofweek sqrt power pow exp ln log log10 log2 sign trunc sin cos tan pi random if md5 hash starts_with ends_with
  contains least_common like_escape date_diff datediff date_add date_sub json_extract isnan isfinite ascii chr lpad rpad cbrt mod_floor fdiv fmod`.split(
    /\s+/,
  ),
)

export function aggregateByName(name: string): AggregateName | undefined {
  return Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined
}

export function scalarByName(name: string): ScalarName | undefined {
  if (Object.hasOwn(SCALAR_ARITY, name)) return name as ScalarName
  return Object.hasOwn(SCALAR_SPELLINGS, name) ? SCALAR_SPELLINGS[name] : undefined
}

export function comesLater(name: string): boolean {
  return LATER.has(name)
}

/** Names to suggest for a misspelt one. */
export const FUNCTION_NAMES: string[] = [...Object.keys(AGGREGATES), ...Object.keys(SCALAR_ARITY), ...Object.keys(SCALAR_SPELLINGS), 'mod']
export const AGGREGATE_NAMES: AggregateName[] = [...new Set(Object.values(AGGREGATES))]
