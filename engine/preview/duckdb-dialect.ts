/** What makes DuckDB say what the language says: statements to run on a connection before a view's SQL. */

/**
 * DuckDB ends the query where a function is not defined; here that is NULL. Each macro hides the function of its name. (TRY would say it in a
 * word, but does not see columns defined before it.)
 */
const PARTIAL = [
  'sqrt(x) AS system.main.sqrt(CASE WHEN x >= 0 THEN x END)',
  ...['ln', 'log10', 'log2'].map((name) => `${name}(x) AS system.main.${name}(CASE WHEN x > 0 THEN x END)`),
  ...['asin', 'acos'].map((name) => `${name}(x) AS system.main.${name}(CASE WHEN x BETWEEN -1 AND 1 THEN x END)`),
  ...['lpad', 'rpad'].map(
    (name) => `${name}(x, n, fill) AS system.main.${name}(x, n::INTEGER, CASE WHEN length(x) >= n OR fill <> '' THEN fill END)`,
  ),
]

export const DUCKDB_DIALECT: readonly string[] = [
  'SET ieee_floating_point_ops = false', // a division by zero is NULL
  // floor and ceil of an int are doubles there, and // of doubles keeps the fraction
  'CREATE OR REPLACE MACRO div(a, b) AS a::BIGINT // b::BIGINT',
  ...PARTIAL.map((macro) => `CREATE OR REPLACE MACRO ${macro}`),
]
