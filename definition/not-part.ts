/** Functions of PostgreSQL or DuckDB that the language leaves out, and what to write instead or why. */
const REASONS: [names: string, why: string][] = [
  ['any_value arbitrary', 'take FIRST(x) FILTER (WHERE x IS NOT NULL)'],
  ['percentile_cont', 'write QUANTILE_CONT(x, 0.9)'],
  ['percentile_disc', 'write QUANTILE_DISC(x, 0.9)'],
  ['approx_top_k', 'HISTOGRAM counts every value, MODE is the most frequent one'],
  ['string_agg group_concat listagg', 'LIST(x) gives the values as a list'],
  ['product', 'EXP, LN and SUM say it: the language has no product that cannot overflow'],
  ['sumkahan fsum favg', 'SUM and AVG of ints and decimals are exact'],
  ['bit_and bit_or bit_xor', 'the language has no bits; COUNT_IF and BOOL_OR look at one condition each'],
  ['corr covar_pop covar_samp regr_slope', 'the sums that they are made of can be features: SUM(x * y), SUM(x), COUNT(*)'],
  ['lead', 'it looks at events that have not come yet; LAG looks back'],
  ['nth_value', 'LAG(x, k) looks back by events, ARG_MAX(x, event_time, k) lists the last ones'],
  ['ntile rank dense_rank row_number percent_rank cume_dist', 'a feature is a value of a frame, not a place in it'],
  ['now current_timestamp timezone age random', 'a value follows from the events alone, so that a replay gives it again'],
  [
    'make_timestamp to_timestamp strftime strptime',
    'cast texts and timestamps (x::timestamp, t::varchar), or use DATE_PART and DATE_TRUNC',
  ],
  ['date_add date_sub', "add or take an interval: t + INTERVAL '1' DAY; DATE_DIFF counts what lies between"],
  [
    'regexp_matches regexp_replace regexp_like',
    'nobody can say what a pattern costs; LIKE, CONTAINS, SPLIT_PART and REPLACE look into texts',
  ],
  ['overlay', 'join LEFT, the new text and SUBSTRING with ||'],
  ['json_extract', 'the fields of a stream are its columns: add the one that is needed to the stream'],
  ['md5 hash', 'a text can be a key or counted as it is'],
  ['isnan isfinite', 'NaN and infinities are NULL: ask IS NULL'],
  ['ascii chr', 'compare characters as texts'],
  ['fdiv fmod mod_floor', 'write x / y and x % y, or DIV(x, y)'],
]
const WHY = new Map(REASONS.flatMap(([names, why]) => names.split(' ').map((name): [string, string] => [name, why])))

/** Why a function is no part of the language; undefined: it is not known either. */
export const whyNotPart = (name: string): string | undefined => WHY.get(name)
