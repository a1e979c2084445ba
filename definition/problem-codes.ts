/** The closed list of what can be wrong with a definition. Screens may translate by code; `Problem.message` is English. */
export const PROBLEM_CODES = [
  'syntax_error', // PostgreSQL's parser refuses the text
  'empty', // no statement at all
  'too_long', // text or nesting beyond what is read
  'several_statements',
  'not_a_select',
  'not_yet', // valid SQL that this build does not run yet
  'bad_character', // NUL, or half of a surrogate pair
  'unknown_stream',
  'different_columns', // branches of a union that do not have the same columns
  'no_event_time', // a union without a timestamp column of this name
  'unknown_field',
  'ambiguous_name', // several fields differ only by case
  'unknown_function',
  'unknown_operator',
  'unknown_window',
  'unknown_type',
  'unknown_hint',
  'bad_hint',
  'type_mismatch',
  'wrong_arguments', // number or form of a function's arguments
  'no_key', // a window without PARTITION BY
  'different_keys', // windows of one view with different PARTITION BY
  'no_window', // no window in the view, or an aggregate without OVER
  'bad_window_order', // a window not ordered by the event time, ascending
  'bad_frame',
  'swapped_frame', // a frame that ends before it starts
  'bad_interval',
  'duplicate_window',
  'mixed_windows', // OVER in a view with GROUP BY, or several windows in one GROUP BY
  'no_features',
  'no_alias', // an expression without AS name
  'bad_name',
  'alias_is_field',
  'duplicate_alias',
  'forward_reference', // a column that is defined later, or itself
  'aggregate_not_allowed', // inside WHERE, FILTER or another aggregate
  'unbounded_list', // a list of all values over a window without a far end
  'number_out_of_range',
  'bad_literal',
  'bad_stream', // the stream's schema is not usable
  'bad_definition', // data that is no definition at all
] as const
export type ProblemCode = (typeof PROBLEM_CODES)[number]
