import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { loadParser, parseView, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { SourceText } from './source-text.ts'
import { problemsOf, understood, WINDOW } from './testing/problems.ts'
import { ALL_TYPES, AWKWARD, FLIGHTS, PAY } from './testing/streams.ts'

// many random cases: a slow machine must not fail them
vi.setConfig({ testTimeout: 300_000 })

beforeAll(loadParser)

describe('what an expression means', () => {
  test.each([
    ['COUNT(*) OVER w', 'COUNT(*) OVER w → int'],
    ['count() over w', 'COUNT(*) OVER w → int'],
    ['count(distinct s) over w', 'COUNT(DISTINCT s) OVER w → int'],
    ['count(i) filter (where i > 3) over w', 'COUNT(i) FILTER (WHERE i > 3) OVER w → int'],
    ['countif(b) over w', 'COUNT_IF(b) OVER w → int'],
    ['sum(i) over w', 'SUM(i) OVER w → int'],
    ['sum(d) over w', 'SUM(d) OVER w → double'],
    ['sum(m) over w', 'SUM(m) OVER w → decimal(15,2)'],
    ['avg(i) over w', 'AVG(i) OVER w → double'],
    ['stddev(m) over w', 'STDDEV_SAMP(m) OVER w → double'],
    ['variance(i) over w', 'VAR_SAMP(i) OVER w → double'],
    ['kurtosis_pop(d) over w', 'KURTOSIS_POP(d) OVER w → double'],
    ['median(i) over w', 'MEDIAN(i) OVER w → double'],
    ['quantile(m, 0.9) over w', 'QUANTILE_DISC(m, 0.9) OVER w → decimal(10,2)'],
    ['quantile_cont(m, 1) over w', 'QUANTILE_CONT(m, 1) OVER w → double'],
    ['mode(s) filter (where b) over w', 'MODE(s) FILTER (WHERE b) OVER w → string'],
    ['entropy(s) over w', 'ENTROPY(s) OVER w → double'],
    ['max_by(s, t) over w', 'ARG_MAX(s, t) OVER w → string'],
    ['arg_min(t, d) over w', 'ARG_MIN(t, d) OVER w → timestamp'],
    ['every(b) over w', 'BOOL_AND(b) OVER w → boolean'],
    ['lag(s, 1) over w', 'LAG(s) OVER w → string'],
    ['lag(t, 3) filter (where b) over w', 'LAG(t, 3) FILTER (WHERE b) OVER w → timestamp'],
    ['time_since_last() over w', 'TIME_SINCE_LAST() OVER w → int'],
    ["exp_decay_sum(m, interval '36 hours') over w", "EXP_DECAY_SUM(m, INTERVAL '36' HOUR) OVER w → double"],
    ['mean(m) over w', 'AVG(m) OVER w → double'],
    ['min(distinct s) over w', 'MIN(s) OVER w → string'],
    ['max(t) over w', 'MAX(t) OVER w → timestamp'],
    ['first_value(m) over w', 'FIRST(m) OVER w → decimal(10,2)'],
    ['last(b) over w', 'LAST(b) OVER w → boolean'],
    ['7 / 2', '7 / 2 → double'],
    ['div(7, 2)', 'div(7, 2) → int'],
    ['7 // 2', 'div(7, 2) → int'],
    ['mod(i, 2)', 'i % 2 → int'],
    ['-5', '-5 → int'],
    ['- -5', '5 → int'],
    ['-(1.5)', '-1.5 → decimal(2,1)'],
    ['+i', 'i → int'],
    ['1e3', '1e+3 → double'],
    ['99999999999', '99999999999 → int'],
    ['9007199254740992', '9007199254740992 → int'],
    ['0.1234567890123456', '0.1234567890123456 → double'],
    ['m * 1.5', 'm * 1.5 → decimal(15,3)'],
    ['m + i', 'm + i → decimal(15,2)'],
    ['m * d', 'm * d → double'],
    ['i between 1 and 3', 'i >= 1 AND i <= 3 → boolean'],
    ['i not between 1 and 3', 'NOT (i >= 1 AND i <= 3) → boolean'],
    ['b is true', 'b IS NOT DISTINCT FROM TRUE → boolean'],
    ['b is not false', 'b IS DISTINCT FROM FALSE → boolean'],
    ['b is unknown', 'b IS NULL → boolean'],
    ['i is not distinct from 3', 'i IS NOT DISTINCT FROM 3 → boolean'],
    ['i != 3', 'i <> 3 → boolean'],
    ["s not in ('a', 'b')", "s NOT IN ('a', 'b') → boolean"],
    ["s not ilike 'x%'", "s NOT ILIKE 'x%' → boolean"],
    ['case i when 1 then 2 else 3.5 end', 'CASE WHEN i = 1 THEN 2 ELSE 3.5 END → decimal(15,1)'],
    ['case when b then 1 end', 'CASE WHEN b THEN 1 END → int'],
    ['coalesce(i, 0.5)', 'COALESCE(i, 0.5) → decimal(15,1)'],
    ['ifnull(i, 2e0)', 'COALESCE(i, 2e+0) → double'],
    ['nullif(m, 0)', 'NULLIF(m, 0) → decimal(10,2)'],
    ['greatest(i, d)', 'GREATEST(i, d) → double'],
    ['round(m, 1)', 'round(m, 1) → decimal(15,1)'],
    ['round(d)', 'round(d) → double'],
    ['ceiling(m)', 'ceil(m) → decimal(15,0)'],
    ['abs(m)', 'abs(m) → decimal(10,2)'],
    ["lower(s) || 'x'", "lower(s) || 'x' → string"],
    ['len(s)', 'length(s) → int'],
    ['i::double', 'i::double → double'],
    ['cast(i as double precision)', 'i::double → double'],
    ['cast(d as int)', 'd::bigint → int'],
    ['d::decimal(15,2)', 'd::decimal(15,2) → decimal(15,2)'],
    ['i::text', 'i::varchar → string'],
    ["t > '2001-02-28'", "t > '2001-02-28'::timestamp → boolean"],
    ["t in ('2001-02-28', timestamp '2001-03-01 10:00')", "t IN ('2001-02-28'::timestamp, '2001-03-01 10:00'::timestamp) → boolean"],
    ["t + interval '90 minutes'", "t + INTERVAL '90' MINUTE → timestamp"],
    ['i > 3 and not b or s is null', 'i > 3 AND NOT b OR s IS NULL → boolean'],
    ['i > 3 and (b or s is null)', 'i > 3 AND (b OR s IS NULL) → boolean'],
    ['(i + 1) * 2 - (3 - i)', '(i + 1) * 2 - (3 - i) → int'],
    ['events.i + 1', 'i + 1 → int'],
    ['sum(i) over w * 1.0 / count(*) over w', 'SUM(i) OVER w * 1.0 / COUNT(*) OVER w → double'],
    ["count(*) over (partition by k order by ts range interval '1 hour' preceding)", 'COUNT(*) OVER w → int'],
    ['null::double', 'NULL::double → double'],
    ["s like 'x!%' escape '!'", "s LIKE 'x!%' ESCAPE '!' → boolean"],
    ['extract(year from t)', "date_part('year', t) → int"],
    ['extract(epoch from t)', "date_part('epoch', t) → double"],
    ["date_part('HOURS', t)", "date_part('hour', t) → int"],
    ['dayofweek(t)', "date_part('dow', t) → int"],
    ['hour(t) + minute(t)', "date_part('hour', t) + date_part('minute', t) → int"],
    ["date_trunc('day', t)", "date_trunc('day', t) → timestamp"],
    ["datediff('ms', t, '2001-02-28')", "date_diff('millisecond', t, '2001-02-28'::timestamp) → int"],
    ['position(s in k)', 'strpos(k, s) → int'],
    ['substring(s from 2 for 3)', 'substring(s, 2, 3) → string'],
    ['substring(s for 3)', 'substring(s, 1, 3::bigint) → string'],
    ['substr(s, 2)', 'substring(s, 2) → string'],
    ["trim(both 'x' from s)", "trim(s, 'x') → string"],
    ['trim(leading from s)', 'ltrim(s) → string'],
    ['trim(s)', 'trim(s) → string'],
    ['left(s, 2)', 'left(s, 2) → string'],
    ["if(b, 'a', 'b')", "CASE WHEN b THEN 'a' ELSE 'b' END → string"],
    ['pow(i, 2)', 'power(i, 2) → double'],
    ['log(m)', 'log10(m) → double'],
    ['trunc(m)', 'trunc(m) → decimal(15,0)'],
    ['pi()', 'pi() → double'],
    ['sign(d)', 'sign(d) → int'],
    ['list(distinct m) over w', 'LIST(DISTINCT m) OVER w → decimal(10,2)[]'],
    ['array_agg(s) over w', 'LIST(s) OVER w → string[]'],
    ['max(d, 3) over w', 'MAX(d, 3) OVER w → double[]'],
    ['max(distinct d) over w', 'MAX(d) OVER w → double'],
    ['max_by(s, ts, 10) over w', 'ARG_MAX(s, ts, 10) OVER w → string[]'],
    ['histogram(t) over w', 'HISTOGRAM(t) OVER w → map(timestamp,int)'],
    ['approx_count_distinct(distinct i) over w', 'APPROX_COUNT_DISTINCT(i) OVER w → int'],
    ['approx_quantile(m, 0.5) over w', 'APPROX_QUANTILE(m, 0.5) OVER w → double'],
    ['coalesce(list(i) over w, max(i, 2) over w)', 'COALESCE(LIST(i) OVER w, MAX(i, 2) OVER w) → int[]'],
    ['avg(distinct i) over w', 'AVG(DISTINCT i) OVER w → double'],
  ])('%s', (expression, expected) => {
    expect(understood(expression)).toBe(expected)
  })
})

describe('what an expression must not be, with its place (the expression starts at column 8)', () => {
  test.each([
    ['delai', '1:8 unknown_field: there is no field `delai`'],
    ['i + delai', '1:12 unknown_field: there is no field `delai`'],
    ['other.i', '1:8 unknown_stream: `other` is not the stream of this view'],
    ['medain(i) over w', '1:8 unknown_function: there is no function medain'],
    ['lag(i, 0) over w', '1:15 wrong_arguments: LAG needs a whole number between 1 and 1000 here'],
    ['lag(i, n) over w', '1:15 wrong_arguments: LAG needs a whole number between 1 and 1000 here'],
    ['lag(i, 1, 0) over w', '1:8 wrong_arguments: LAG takes 1 or 2 arguments, not 3'],
    ['time_since_last(i) over w', '1:8 wrong_arguments: TIME_SINCE_LAST takes 0 arguments, not 1'],
    ['exp_decay_sum(i, 3) over w', '1:25 wrong_arguments: EXP_DECAY_SUM needs its half-life here: an interval above zero, without months'],
    [
      "exp_decay_sum(i, interval '1' month) over w",
      '1:25 wrong_arguments: EXP_DECAY_SUM needs its half-life here: an interval above zero, without months',
    ],
    ['lead(i) over w', '1:8 unknown_function: LEAD is not part of the language'],
    ['tumble(t, s)', '1:8 wrong_arguments: TUMBLE stands in GROUP BY, beside the key'],
    ['regexp_matches(s, s)', '1:8 unknown_function: REGEXP_MATCHES is not part of the language'],
    ["date_part('weak', t)", '1:18 wrong_arguments: date_part needs one of its parts as a constant here'],
    ['date_trunc(s, t)', '1:19 wrong_arguments: date_trunc needs one of its parts as a constant here'],
    ["date_diff('week', t, ts)", '1:18 wrong_arguments: date_diff needs one of its parts as a constant here'],
    ['year(i)', '1:13 type_mismatch: date_part needs a timestamp here, this is int'],
    ['year(t, t)', '1:8 wrong_arguments: year takes 1 argument, not 2'],
    ['concat(s, i)', '1:18 type_mismatch: concat needs a text here, this is int'],
    ['left(s, d)', '1:16 type_mismatch: left needs an int here, this is double'],
    ['substring(s)', '1:8 wrong_arguments: substring takes 2 or 3 arguments, not 1'],
    ['sqrt(s)', '1:13 type_mismatch: sqrt needs a number here, this is string'],
    ['if(b)', '1:8 wrong_arguments: if takes 2 or 3 arguments, not 1'],
    ['stddev(s) over w', '1:15 type_mismatch: STDDEV_SAMP needs a number, this is string'],
    ['bool_or(i) over w', '1:16 type_mismatch: BOOL_OR needs a condition, this is int'],
    ['arg_max(i) over w', '1:8 wrong_arguments: ARG_MAX takes 2 or 3 arguments, not 1'],
    ["arg_max(i, interval '1' day) over w", '1:19 type_mismatch: ARG_MAX does not take an interval'],
    ['quantile_cont(i) over w', '1:8 wrong_arguments: QUANTILE_CONT takes 2 arguments, not 1'],
    ['quantile_cont(i, 1.5) over w', '1:25 wrong_arguments: QUANTILE_CONT needs a constant between 0 and 1 here'],
    ['quantile(i, d) over w', '1:20 wrong_arguments: QUANTILE_DISC needs a constant between 0 and 1 here'],
    ['quantile_cont(s, 0.5) over w', '1:22 type_mismatch: QUANTILE_CONT needs a number, this is string'],
    ['first(distinct i) over w', '1:8 wrong_arguments: FIRST(DISTINCT …) is not part of the language'],
    ['max(i, 0) over w', '1:15 wrong_arguments: the length of a list must be a whole number between 1 and 1000'],
    ['arg_max(i, ts, n) over w', '1:23 wrong_arguments: the length of a list must be a whole number between 1 and 1000'],
    ['list(i) over w = list(i) over w', '1:23 type_mismatch: int[] and int[] cannot be compared'],
    ['greatest(list(i) over w, null)', '1:8 type_mismatch: greatest cannot compare lists and maps (int[])'],
    ['(list(i) over w)::varchar', '1:24 type_mismatch: int[] cannot be cast to string'],
    ['approx_quantile(i, 2) over w', '1:27 wrong_arguments: APPROX_QUANTILE needs a constant between 0 and 1 here'],
    ['approx_quantile(s, 0.5) over w', '1:24 type_mismatch: APPROX_QUANTILE needs a number, this is string'],
    ['histogram(distinct i) over w', '1:8 wrong_arguments: HISTOGRAM(DISTINCT …) is not part of the language'],
    ['sum(i)', '1:8 no_window: SUM needs a window'],
    ['sum(i) over w9', '1:20 unknown_window: there is no window `w9`'],
    ['sum(s) over w', '1:12 type_mismatch: SUM needs a number, this is string'],
    ['avg(b) over w', '1:12 type_mismatch: AVG needs a number, this is boolean'],
    ['count_if(i) over w', '1:17 type_mismatch: COUNT_IF counts where a condition holds, this is int'],
    ['sum(i, d) over w', '1:8 wrong_arguments: SUM takes 1 argument, not 2'],
    ['sum(*) over w', '1:8 wrong_arguments: SUM cannot take *'],
    ['sum(count(*) over w) over w', '1:12 aggregate_not_allowed: COUNT cannot stand inside another aggregate or its FILTER'],
    ['count(*) filter (where i) over w', '1:31 type_mismatch: the condition of FILTER must be boolean, this is int'],
    ['lower(s) over w', '1:8 wrong_arguments: lower is no aggregate: it takes no OVER'],
    ['abs(s)', '1:12 type_mismatch: abs needs a number here, this is string'],
    ['abs(1, 2)', '1:8 wrong_arguments: abs takes 1 argument, not 2'],
    ['round(d, i)', '1:17 wrong_arguments: the digits of round must be a whole number between -15 and 15'],
    ["i = '3'", '1:10 type_mismatch: int and string cannot be compared'],
    ['s + 1', '1:10 type_mismatch: + does not go with string and int'],
    ['t - t', '1:10 type_mismatch: two timestamps are not subtracted'],
    ['not i', '1:12 type_mismatch: the operand of NOT must be boolean, this is int'],
    ['case when b then 1 else s end', '1:32 type_mismatch: the results of CASE must have one type: int and string do not go together'],
    ['i ^ 2', '1:10 unknown_operator: there is no operator ^'],
    ["s ~ 'x'", '1:10 unknown_operator: there is no operator ~'],
    ['9007199254740993', '1:8 number_out_of_range: an int is a whole number within ±9007199254740992 (2^53)'],
    ['null', '1:8 type_mismatch: `x` is always NULL and has no type'],
    ["interval '1' hour", '1:8 type_mismatch: `x` is an interval, which no feature can be'],
    ["interval '1.5' hour + t", "1:17 bad_interval: INTERVAL '…' HOUR needs a whole number"],
    [
      "interval '3 houres' + t",
      '1:17 bad_interval: "houres" is not a unit of time; take seconds, minutes, hours, days, weeks, months or years',
    ],
    ["t > 'yesterday'", "1:12 bad_literal: 'yesterday' is not a timestamp"],
    ["t > '2001-02-28T10:00:00+02:00'", "1:12 bad_literal: '2001-02-28T10:00:00+02:00' is not a timestamp"],
    ["t > '2001-02-29'", "1:12 bad_literal: '2001-02-29' is not a timestamp"],
    ['i::float', '1:11 unknown_type: a 4-byte float is not available'],
    ['i::decimal', '1:11 unknown_type: a decimal needs its digits: at most 15, and how many of them behind the point'],
    ['i::decimal(18,3)', '1:11 unknown_type: a decimal needs its digits: at most 15, and how many of them behind the point'],
    ['i::boolen', '1:11 unknown_type: there is no type boolen'],
    ['i::timestamp', '1:9 type_mismatch: int cannot be cast to timestamp'],
    ['(select 1)', '1:8 not_yet: a subquery is not available yet'],
    ['array[1]', '1:8 not_yet: an array is not available yet'],
    ['current_timestamp', '1:8 unknown_function: the current date or time is not part of the language'],
    ["s like 'x' escape 'xy'", '1:10 wrong_arguments: ESCAPE needs one character'],
    ['s like s escape s', '1:10 wrong_arguments: ESCAPE needs one character as a constant'],
    ['$1', '1:8 not_yet: a parameter ($1) is not available yet'],
  ])('%s', (expression, expected) => {
    expect(understood(expression)).toBe(expected)
  })
})

describe('bad SQL gets line, column, code', () => {
  const view = (select: string, rest = '') => `SELECT ${select}\nFROM events ${rest} ${WINDOW}`
  const windowed = (window: string) => `SELECT COUNT(*) OVER w AS c FROM events\nWINDOW w AS (${window})`
  test.each([
    ['empty text', '', ['1:1 empty']],
    ['only a comment', '  -- nothing', ['1:1 empty']],
    ['syntax error', 'SELECT , FROM events', ['1:8 syntax_error']],
    ['end of text', 'SELECT i FROM', ['1:14 syntax_error']],
    ['unterminated text', "SELECT 'abc", ['1:8 syntax_error']],
    ['two statements', 'SELECT 1;\nSELECT 2', ['2:1 several_statements']],
    ['no SELECT', 'DELETE FROM events', ['1:1 not_a_select']],
    ['VALUES', 'VALUES (1)', ['1:1 not_a_select']],
    ['no FROM', 'SELECT 1 AS x', ['1:1 unknown_stream']],
    ['unknown stream', `SELECT COUNT(*) OVER w AS n FROM evnets ${WINDOW}`, ['1:34 unknown_stream']],
    ['a schema', `SELECT COUNT(*) OVER w AS n FROM s.events ${WINDOW}`, ['1:34 unknown_stream']],
    ['no window', 'SELECT k, i AS x FROM events', ['1:1 no_window']],
    ['no feature', view('k'), ['1:1 no_features']],
    ['star', view('*'), ['1:8 not_yet']],
    ['no alias', view('COUNT(*) OVER w, i + 1'), ['1:8 no_alias', '1:25 no_alias']],
    ['alias is a field', view('COUNT(*) OVER w AS n'), ['1:27 alias_is_field']],
    ['alias is a field in another case', view('COUNT(*) OVER w AS "S"'), ['1:27 alias_is_field']],
    ['alias of a key column', view('COUNT(*) OVER w AS c, i AS k'), ['1:35 alias_is_field']],
    ['duplicate alias', view('1 AS x, 2 AS x'), ['1:21 duplicate_alias']],
    ['duplicate alias but for case', view('1 AS x, 2 AS "X"'), ['1:21 duplicate_alias']],
    ['bad alias', view('1 AS "a b"'), ['1:13 bad_name']],
    ['forward reference', view('y + 1 AS x, 2 AS y'), ['1:8 forward_reference']],
    ['reference to itself', view('x + 1 AS x'), ['1:8 forward_reference']],
    ['aggregate over a column', view('i + 1 AS y, SUM(y) OVER w AS x'), ['1:24 not_yet']],
    ['aggregate in WHERE', view('1 AS x', 'WHERE SUM(i) OVER w > 1'), ['2:19 aggregate_not_allowed']],
    ['column in WHERE', view('1 AS x', 'WHERE x > 1'), ['2:19 unknown_field']],
    ['WHERE is no condition', view('1 AS x', 'WHERE i'), ['2:19 type_mismatch']],
    ['UNION ALL', 'SELECT 1 AS x FROM events UNION ALL SELECT 2 FROM events', ['1:27 not_yet']],
    ['subquery', 'SELECT 1 AS x FROM (SELECT * FROM events) AS e', ['1:28 not_yet']],
    ['join', 'SELECT 1 AS x FROM events JOIN pay USING (k)', ['1:20 not_yet']],
    ['comma join', 'SELECT 1 AS x FROM events, pay', ['1:28 not_yet']],
    ['DISTINCT', `SELECT DISTINCT COUNT(*) OVER w AS c FROM events ${WINDOW}`, ['1:8 not_yet']],
    ['LIMIT', `SELECT COUNT(*) OVER w AS c FROM events ${WINDOW}\nLIMIT 5`, ['2:7 not_yet']],
    ['ORDER BY', `SELECT COUNT(*) OVER w AS c FROM events ${WINDOW}\nORDER BY c`, ['2:10 not_yet']],
    ['WITH', `WITH e AS (SELECT 1) SELECT COUNT(*) OVER w AS c FROM events ${WINDOW}`, ['1:1 not_yet']],
    ['no key', windowed("ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING"), ['2:13 no_key']],
    ['key is an expression', windowed("PARTITION BY lower(k) ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING"), ['2:27 not_yet']],
    ['key is no field', windowed("PARTITION BY kk ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING"), ['2:27 unknown_field']],
    ['key twice', windowed("PARTITION BY k, k ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING"), ['2:30 duplicate_alias']],
    ['no order', windowed("PARTITION BY k RANGE INTERVAL '1' HOUR PRECEDING"), ['2:13 bad_window_order']],
    ['descending', windowed("PARTITION BY k ORDER BY ts DESC RANGE INTERVAL '1' HOUR PRECEDING"), ['2:38 bad_window_order']],
    ['another order', windowed("PARTITION BY k ORDER BY t RANGE INTERVAL '1' HOUR PRECEDING"), ['2:38 bad_window_order']],
    [
      'swapped ends',
      windowed("PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND INTERVAL '2' HOUR PRECEDING"),
      ['2:55 swapped_frame'],
    ],
    [
      'swapped with current row',
      windowed("PARTITION BY k ORDER BY ts RANGE BETWEEN CURRENT ROW AND INTERVAL '2' HOUR PRECEDING"),
      ['2:71 swapped_frame'],
    ],
    ['following', windowed("PARTITION BY k ORDER BY ts RANGE BETWEEN CURRENT ROW AND INTERVAL '2' HOUR FOLLOWING"), ['2:13 bad_frame']],
    ['GROUPS', windowed('PARTITION BY k ORDER BY ts GROUPS 5 PRECEDING'), ['2:13 bad_frame']],
    ['ROWS into the future', windowed('PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING'), ['2:13 bad_frame']],
    ['ROWS of an interval', windowed("PARTITION BY k ORDER BY ts ROWS INTERVAL '1' HOUR PRECEDING"), ['2:46 bad_frame']],
    ['ROWS of a fraction', windowed('PARTITION BY k ORDER BY ts ROWS 1.5 PRECEDING'), ['2:46 bad_frame']],
    ['ROWS of a sum', windowed('PARTITION BY k ORDER BY ts ROWS 1 + 1 PRECEDING'), ['2:46 bad_frame']],
    ['ROWS below zero', windowed('PARTITION BY k ORDER BY ts ROWS -1 PRECEDING'), ['2:46 bad_frame']],
    ['more ROWS than are kept', windowed('PARTITION BY k ORDER BY ts ROWS 100001 PRECEDING'), ['2:46 bad_frame']],
    ['ROWS with swapped ends', windowed('PARTITION BY k ORDER BY ts ROWS BETWEEN 2 PRECEDING AND 3 PRECEDING'), ['2:54 swapped_frame']],
    ['MAX_ROWS of nothing', `/*+ MAX_ROWS(w) */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['MAX_ROWS of zero', `/*+ MAX_ROWS(w, 0) */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['MAX_ROWS beyond what is kept', `/*+ MAX_ROWS(w, 100001) */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['MAX_ROWS of a time', `/*+ MAX_ROWS(w, '1 hour') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['PRECISION and MAX_ROWS', `/*+ MAX_ROWS(w, 5) PRECISION(w, '1 minute') */ ${view('1 AS x')}`, ['1:20 bad_hint']],
    [
      'PRECISION and EXCLUDE',
      `/*+ PRECISION(w, '1 minute') */ ${windowed("PARTITION BY k ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING EXCLUDE TIES")}`,
      ['1:5 bad_hint'],
    ],
    ['PRECISION of ROWS', `/*+ PRECISION(w, '1 minute') */ ${windowed('PARTITION BY k ORDER BY ts ROWS 5 PRECEDING')}`, ['1:5 bad_hint']],
    ['bound is a number', windowed('PARTITION BY k ORDER BY ts RANGE 5 PRECEDING'), ['2:47 bad_frame']],
    ['negative bound', windowed("PARTITION BY k ORDER BY ts RANGE INTERVAL '-1' HOUR PRECEDING"), ['2:47 bad_interval']],
    [
      'window twice',
      `SELECT COUNT(*) OVER w AS c FROM events ${WINDOW},\nw AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING)`,
      ['2:1 duplicate_window'],
    ],
    [
      'different keys',
      `SELECT COUNT(*) OVER w AS c FROM events ${WINDOW},\nv AS (PARTITION BY s ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING)`,
      ['2:20 different_keys'],
    ],
    ['unknown hint', `/*+ ODER('arrival') */ ${view('1 AS x')}`, ['1:5 unknown_hint']],
    ['bad hint', `/*+ ORDER('arival') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['later hint', `/*+ READ_CLOCK('wall'), PARALLELISM(4) */ ${view('1 AS x')}`, ['1:25 not_yet']],
    ['precision of nothing', `/*+ PRECISION */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision without a length', `/*+ PRECISION(w, 5) */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision that is no length', `/*+ PRECISION(w, '5 apples') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision of an unknown window', `/*+ PRECISION(x, '1 hour') */ ${view('1 AS x')}`, ['1:5 unknown_window']],
    ['precision in months', `/*+ PRECISION(w, '1 month') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision of zero', `/*+ PRECISION(w, '0 seconds') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision longer than the window', `/*+ PRECISION(w, '61 minutes') */ ${view('1 AS x')}`, ['1:5 bad_hint']],
    ['precision twice', `/*+ PRECISION(w, '1 minute') PRECISION(W, '2 minutes') */ ${view('1 AS x')}`, ['1:30 bad_hint']],
    [
      'a function that no panes give',
      `/*+ PRECISION(w, '1 minute') */ SELECT MEDIAN(i) OVER w AS x FROM events ${WINDOW}`,
      ['1:55 bad_hint'],
    ],
    ['hint twice', `/*+ ORDER('arrival') */ ${view('1 AS x')} /*+ ORDER('event_time') */`, ['2:117 bad_hint']],
    ['NUL', `SELECT \0 FROM events`, ['1:8 bad_character']],
    ['half a character', 'SELECT \ud83d FROM events', ['1:8 bad_character']],
  ])('%s', (_what, sql, expected) => {
    expect(problemsOf(sql)).toEqual(expected)
  })

  test('as many problems as can be told apart come at once, in reading order', () => {
    const sql = `SELECT dellay AS a, SUM(origin) OVER w AS b, cuont(*) OVER w AS c, z AS y, 2 AS z, delay AS distance\nFROM flights WINDOW w AS (PARTITION BY origin ORDER BY delay RANGE INTERVAL '3' HOUR PRECEDING)`
    expect(problemsOf(sql, [FLIGHTS])).toEqual([
      '1:8 unknown_field',
      '1:25 type_mismatch',
      '1:46 unknown_function',
      '1:68 forward_reference',
      '1:93 alias_is_field',
      '2:56 bad_window_order',
    ])
  })

  test.each([
    ['SELECT dellay AS x', 'did you mean `delay`?'],
    ['SELECT cuont(*) OVER w AS x', 'did you mean `count`?'],
    ['SELECT COUNT(*) OVER w1 AS x', 'did you mean `w`?'],
    ['SELECT destinaton AS x', 'did you mean `destination`?'],
  ])('%s: %s', (select, hint) => {
    const sql = `${select} FROM flights WINDOW w AS (PARTITION BY origin ORDER BY event_time RANGE INTERVAL '3' HOUR PRECEDING)`
    expect(parseViewSync(sql, [FLIGHTS]).problems[0]?.hint).toBe(hint)
  })
})

describe('language 19: line and column from 1, in code points of the SQL as given', () => {
  test.each([
    ['a syntax error, counted in code points by the parser', "SELECT '😀中文' AS x, * FRM events", ['1:22 syntax_error']],
    ['a name, counted in bytes by the parser', `SELECT '😀中文' AS x, delai AS y FROM events ${WINDOW}`, ['1:20 unknown_field']],
    ['an alias after it', `SELECT '😀中文' || '中' AS s FROM events ${WINDOW}`, ['1:24 alias_is_field']],
    ['on a later line', `SELECT '😀\n中文😀' AS x, delai AS y\r\n FROM events ${WINDOW}`, ['2:12 unknown_field']],
    ['after \\r\\n', `SELECT 1 AS x, -- 😀\r\n  delai AS y FROM events ${WINDOW}`, ['2:3 unknown_field']],
    ['in a hint', `/* 中 */ /*+ 😀 */ SELECT 1 AS x FROM events ${WINDOW}`, ['1:13 bad_hint']],
    ['a combining character counts for itself', `SELECT 'e\u0301' AS x, delai AS y FROM events ${WINDOW}`, ['1:19 unknown_field']],
  ])('%s', (_what, sql, expected) => {
    expect(problemsOf(sql)).toEqual(expected)
  })

  test('every unknown name is found where it stands, whatever comes before it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !one.includes('\0') && one.isWellFormed())
    fc.assert(
      fc.property(text, text, (literal, comment) => {
        const before = `SELECT /* ${comment.replaceAll('*', '').replaceAll('/', '')} */ '${literal.replaceAll("'", "''")}' AS x, `
        const lines = before.split(/\r\n|\r|\n/)
        const expected = `${lines.length}:${[...(lines.at(-1) ?? '')].length + 1} unknown_field`
        expect(problemsOf(`${before}delai AS y FROM events ${WINDOW}`)).toEqual([expected])
      }),
    )
  })
})

describe('language 9: names', () => {
  const view = (select: string) =>
    `SELECT ${select} FROM ereignisse WINDOW w AS (PARTITION BY customerid ORDER BY zeit RANGE INTERVAL '1' HOUR PRECEDING)`
  test('unquoted names fold and match without regard to case if only one fits; quoted ones match exactly', () => {
    const definition = parseViewSync(view('CUSTOMERID, SUM(金额) OVER W AS "Summe", flag as letzte'), [AWKWARD]).checked?.definition
    expect(definition).toMatchObject({
      stream: 'Ereignisse',
      key: ['CustomerID'],
      features: [{ name: 'Summe' }, { name: 'letzte', expr: { name: 'flag' } }],
    })
    expect(problemsOf(view('"customerid" AS x, COUNT(*) OVER w AS c'), [AWKWARD])).toEqual(['1:8 unknown_field'])
  })

  test('event_time is the event-time field in expressions too, under whatever name, unless something else has this name', () => {
    const expressionsOf = (select: string, where = '') =>
      parseViewSync(`SELECT ${select} FROM pay ${where} WINDOW w AS (PARTITION BY card ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING)`, [
        PAY,
      ]).checked?.definition
    const last = expressionsOf('ARG_MAX(amount, event_time, 3) OVER w AS last', "WHERE event_time > TIMESTAMP '2020-01-01'")
    expect(last).toBeDefined()
    expect(last).toEqual(expressionsOf('ARG_MAX(amount, ts, 3) OVER w AS last', "WHERE ts > TIMESTAMP '2020-01-01'"))
    expect(expressionsOf('pay.event_time AS at, COUNT(*) OVER w AS n')?.features[0]).toMatchObject({ expr: { name: 'ts' } })
    const own = expressionsOf('MIN(ts) OVER w AS event_time, event_time AS again')
    expect(own?.features[1]).toMatchObject({ name: 'again', expr: { kind: 'feature', name: 'event_time' } })
    const named = { ...PAY, fields: [...PAY.fields, { name: 'event_time', type: 'int' as const }] }
    const sql = `SELECT SUM(event_time) OVER w AS s FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE INTERVAL '1' HOUR PRECEDING)`
    expect(problemsOf(sql, [named])).toEqual([])
  })

  test('a name that could be several fields is refused', () => {
    const stream = { ...ALL_TYPES, fields: [...ALL_TYPES.fields, { name: 'Amount', type: 'int' }, { name: 'AMOUNT', type: 'int' }] }
    expect(problemsOf(`SELECT amount AS x FROM events ${WINDOW}`, [stream])).toEqual(['1:8 ambiguous_name'])
    expect(problemsOf(`SELECT "AMOUNT" AS x FROM events ${WINDOW}`, [stream])).toEqual([])
  })

  test('a field name longer than the 63 bytes that the parser keeps is read in full', () => {
    expect(
      problemsOf(view('MAX(a_field_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps) OVER w AS x'), [AWKWARD]),
    ).toEqual([])
  })

  test('the stream may have an alias', () => {
    expect(problemsOf(`SELECT e.i AS x, COUNT(*) OVER w AS c FROM events AS e ${WINDOW}`)).toEqual([])
    expect(problemsOf(`SELECT events.i AS x FROM events AS e ${WINDOW}`)).toEqual(['1:8 unknown_stream'])
  })
})

describe('windows', () => {
  const windowsOf = (sql: string) => parseViewSync(sql, [ALL_TYPES]).checked?.definition.windows
  test('language 5: ordered by the event-time field, by its own name or as event_time', () => {
    for (const order of ['ts', 'event_time', 'TS ASC', 'events.ts']) {
      expect(
        problemsOf(`SELECT COUNT(*) OVER (PARTITION BY k ORDER BY ${order} RANGE INTERVAL '1' DAY PRECEDING) AS c FROM events`),
      ).toEqual([])
    }
  })

  test('an inline window gets a stable name that says its frame, or that of an equal named one', () => {
    const over = (frame: string) => `OVER (PARTITION BY k ORDER BY ts ${frame})`
    const sql = `SELECT COUNT(*) ${over("RANGE INTERVAL '3' HOUR PRECEDING")} AS a, COUNT(*) ${over("RANGE BETWEEN INTERVAL '1 day' PRECEDING AND INTERVAL '30' MINUTE PRECEDING")} AS c,
      SUM(i) ${over("RANGE INTERVAL '3 hours' PRECEDING")} AS e, SUM(i) ${over('')} AS f, SUM(i) ${over("RANGE INTERVAL '60' MINUTE PRECEDING")} AS g FROM events ${WINDOW}`
    expect(windowsOf(sql)?.map(({ name }) => name)).toEqual(['w', 'w3h', 'w1d_30m', 'wall'])
  })

  test('a window may be built upon another that has no frame, and upon none that has one', () => {
    const sql = (base: string) =>
      `SELECT COUNT(*) OVER (v RANGE INTERVAL '1' HOUR PRECEDING) AS c, COUNT(*) OVER (v) AS a FROM events WINDOW v AS (PARTITION BY k ORDER BY ts${base})`
    expect(windowsOf(sql(''))?.map(({ name, start }) => [name, start.kind])).toEqual([
      ['v', 'unbounded'],
      ['w1h', 'preceding'],
    ])
    expect(problemsOf(sql(" RANGE INTERVAL '2' HOUR PRECEDING"))).toEqual(['1:22 bad_frame'])
  })

  test('language 8: key columns may be selected: they are the key, not features', () => {
    const { checked } = parseViewSync(`SELECT k, i, COUNT(*) OVER w AS c, k AS key_again FROM events ${WINDOW}`, [ALL_TYPES])
    expect(checked?.featureTypes).toMatchObject([
      { name: 'i', type: 'int', note: 'latest-event' },
      { name: 'c' },
      { name: 'key_again', type: 'string' },
    ])
    expect(checked?.featureTypes.map(({ note }) => note)).toEqual(['latest-event', undefined, undefined])
  })

  test('what is derived from a value at the latest event is one too', () => {
    const { checked } = parseViewSync(`SELECT i + 1 AS a, a * 2 AS c, SUM(i) OVER w AS e, e + 1 AS f FROM events ${WINDOW}`, [ALL_TYPES])
    expect(checked?.featureTypes.map(({ note }) => note)).toEqual(['latest-event', 'latest-event', undefined, undefined])
  })
})

describe('language 10: hints in comments anywhere, written after SELECT', () => {
  test.each([
    ["/*+ ORDER('event_time') READ_CLOCK('event') */ SELECT 1 AS x FROM events", { order: 'event_time', readClock: 'event' }],
    ["SELECT 1 AS x /*+ order(arrival) */ FROM events /*+ , read_clock( 'wall' ) */", { order: 'arrival', readClock: 'wall' }],
    ["SELECT 1 AS x FROM events /* ORDER('event_time') */", {}],
    ["SELECT '/*+ ORDER(''event_time'') */' AS x FROM events", {}],
  ])('%s', (select, hints) => {
    expect(parseViewSync(`${select} ${WINDOW}`, [ALL_TYPES]).checked?.definition.hints).toEqual(hints)
  })
})

test('language 10: hints of a window stand after those of the view, in the order of the windows', () => {
  const windows = `w AS (PARTITION BY k ORDER BY ts RANGE INTERVAL '1' DAY PRECEDING), "V" AS (PARTITION BY k ORDER BY ts RANGE UNBOUNDED PRECEDING)`
  const sql = `SELECT COUNT(*) OVER w AS x, COUNT(*) OVER "V" AS y FROM events WINDOW ${windows} /*+ precision( "V" , '90 minutes') PRECISION(W, '1 hour') */ /*+ ORDER('arrival') */`
  const { checked, problems } = parseViewSync(sql, [ALL_TYPES])
  expect(problems).toEqual([])
  expect(printView(checked!.definition)).toContain(`/*+ ORDER('arrival') PRECISION(w, '1 hour') PRECISION("V", '90 minutes') */`)
})

test('language 1: ROWS frames and EXCLUDE, as they are written and as they are printed', () => {
  const frame = (text: string) =>
    parseViewSync(`SELECT COUNT(*) OVER (PARTITION BY k ORDER BY ts ${text}) AS x FROM events`, [ALL_TYPES]).checked!.definition
  expect(printView(frame('ROWS 9 PRECEDING'))).toContain(
    'WINDOW rows10 AS (PARTITION BY k ORDER BY event_time ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)',
  )
  expect(printView(frame('ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING EXCLUDE NO OTHERS'))).toContain(
    'ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING)',
  )
  expect(printView(frame("RANGE INTERVAL '3' HOUR PRECEDING EXCLUDE CURRENT ROW"))).toContain(
    "WINDOW w3h_no_current AS (PARTITION BY k ORDER BY event_time RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
  )
  expect(frame('ROWS UNBOUNDED PRECEDING EXCLUDE GROUP').windows).toEqual([
    { name: 'rowsall_no_group', mode: 'rows', start: { kind: 'unbounded' }, end: { kind: 'current' }, exclude: 'group' },
  ])
})

test('a window inside OVER is another one than a window of the same frame with a hint', () => {
  const frame = "(PARTITION BY k ORDER BY ts RANGE INTERVAL '1' DAY PRECEDING)"
  const sql = `SELECT COUNT(*) OVER w AS x, COUNT(*) OVER ${frame} AS y /*+ PRECISION(w, '1 hour') */ FROM events WINDOW w AS ${frame}`
  expect(parseViewSync(sql, [ALL_TYPES]).checked?.definition.windows.map(({ name, precision }) => [name, precision?.ms])).toEqual([
    ['w', 3_600_000],
    ['w1d', undefined],
  ])
})

describe('whole views', () => {
  test('the replay example', async () => {
    const sql =
      "SELECT card, COUNT(*) OVER w10m AS payments_10m, SUM(amount) FILTER (WHERE amount > 5) OVER w10m AS large_10m, COUNT(DISTINCT shop) OVER w1h AS shops_1h, large_10m / NULLIF(payments_10m, 0) AS large_mean, MAX(amount) OVER before AS max_before FROM pay WINDOW w10m AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' MINUTE PRECEDING AND CURRENT ROW), w1h AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW), before AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND INTERVAL '1' MINUTE PRECEDING)"
    const { checked, problems } = await parseView(sql, [FLIGHTS, PAY])
    expect(problems).toEqual([])
    expect(checked?.featureTypes.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'payments_10m int',
      'large_10m double',
      'shops_1h int',
      'large_mean double',
      'max_before double',
    ])
  })

  test('the demo view, printed as DESIGN §4 writes it', async () => {
    const sql = `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */
       origin,
       COUNT(*)                           OVER w24h AS departures_24h,
       AVG(delay)                         OVER w24h AS delay_avg_24h,
       COUNT(*) FILTER (WHERE delay > 15) OVER w24h AS delayed_24h,
       COUNT(DISTINCT destination)        OVER w24h AS destinations_24h,
       delayed_24h::double / NULLIF(departures_24h, 0) AS delayed_share_24h
FROM flights
WINDOW w24h AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)
`
    const { checked } = await parseView(sql, [FLIGHTS])
    expect(checked && printView(checked.definition)).toBe(sql.replaceAll(/OVER w24h AS/g, 'OVER w24h    AS'))
  })
})

describe('any text gets an answer: never a throw, always a place inside the text', () => {
  const check = (sql: string) => {
    const { checked, problems } = parseViewSync(sql, [ALL_TYPES])
    if (checked) return
    expect(problems.length).toBeGreaterThan(0)
    const source = new SourceText(sql)
    const last = source.fromCodePoint(source.length)
    for (const { line, column } of problems) {
      const inside = line >= 1 && column >= 1 && (line < last.line || (line === last.line && column <= last.column))
      expect(inside || (line === 1 && column === 1), `${line}:${column} in ${JSON.stringify(sql)}`).toBe(true)
    }
  }

  test('random characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), check), { numRuns: 500 })
  })

  test('random sequences of words of SQL', () => {
    const words =
      "SELECT FROM events WINDOW w AS ( ) , PARTITION BY k ORDER ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW COUNT(*) OVER SUM(i) x 1 + - * 'a' . :: int NULL NOT IN CASE WHEN THEN END IS WHERE /*+ ORDER('x') */ \" 😀 ; GROUP UNION ALL".split(
        ' ',
      )
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (list) => check(list.join(' '))),
      { numRuns: 1000 },
    )
  })

  test('a sound view with one piece cut out or doubled', () => {
    const sql = `SELECT /*+ ORDER('arrival') */ k, SUM(i) FILTER (WHERE s LIKE '中%') OVER w AS a, CASE WHEN a > 1 THEN -a END::double / 2 AS c FROM events WHERE i IN (1, 2) ${WINDOW}`
    fc.assert(
      fc.property(fc.nat(sql.length), fc.nat(12), fc.boolean(), (at, length, doubled) => {
        const piece = sql.slice(at, at + length)
        check(sql.slice(0, at) + (doubled ? piece + piece : '') + sql.slice(at + length))
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['parentheses', (n: number) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)} AS x FROM events ${WINDOW}`],
    ['NOT', (n: number) => `SELECT ${'NOT '.repeat(n)}b AS x FROM events ${WINDOW}`],
    ['sums', (n: number) => `SELECT ${'i + '.repeat(n)}1 AS x FROM events ${WINDOW}`],
    ['AND', (n: number) => `SELECT ${'b AND '.repeat(n)}b AS x FROM events ${WINDOW}`],
    [
      'columns',
      (n: number) =>
        `SELECT ${Array.from({ length: Math.min(n, 1500) }, (_, i) => (i ? `c${i - 1} + 1 AS c${i}` : 'i AS c0')).join(', ')} FROM events ${WINDOW}`,
    ],
    ['calls', (n: number) => `SELECT ${'abs('.repeat(n)}i${')'.repeat(n)} AS x FROM events ${WINDOW}`],
    ['subqueries', (n: number) => `SELECT * FROM ${'(SELECT * FROM '.repeat(n)}events${')'.repeat(n)}`],
  ])('nested %s', (_what, make) => {
    for (const n of [10, 100, 1000, 5000, 20_000]) check(make(n))
    expect(parseViewSync(`SELECT COUNT(*) OVER w AS c FROM events ${WINDOW}`, [ALL_TYPES]).problems).toEqual([])
  })
})
