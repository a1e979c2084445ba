/** Names in SQL: when they need quotes, and how a written one is read. */

// Reserved in PostgreSQL or DuckDB, or read as something else than a column name by one of them.
const KEYWORDS = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit boolean both case cast char character
  check coalesce collate collation column columns concurrently constraint create cross cube current_catalog current_date current_role current_schema
  current_time current_timestamp current_user dec decimal default deferrable desc describe distinct do else end except exclude exists extract false
  fetch filter float following for foreign freeze from full generated_always glob grant greatest group grouping grouping_sets having ilike in
  initially inner inout int integer intersect interval into is isnull join json json_array json_arrayagg json_exists json_object json_objectagg
  json_query json_scalar json_serialize json_table json_value lambda lateral leading least left like limit localtime localtimestamp map
  merge_action national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer over overlaps overlay
  partition pivot pivot_longer pivot_wider placing position positional preceding precision primary qualify range real references returning right
  rollup row rows select semi session_user setof show similar smallint some struct substring summarize symmetric system_user table tablesample
  then time timestamp to trailing treat trim true try_cast unbounded union unique unpivot user using values varchar variadic verbose when where
  window with within without xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
  groups ties others no day hour minute month second year filter materialized macro type first last`.split(/\s+/),
)

export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as written: what it says, and whether it must match exactly. */
export type WrittenName = { name: string; quoted: boolean }

/** Reads an identifier token. Unquoted names fold to lower case as PostgreSQL folds them: ASCII letters only. */
export function readIdentifier(token: string): WrittenName {
  if (token.startsWith('"')) return { name: token.slice(1, -1).replaceAll('""', '"'), quoted: true }
  return { name: token.replace(/[A-Z]/g, (letter) => letter.toLowerCase()), quoted: false }
}

/**
 * Finds a written name among known ones: a quoted one exactly; an unquoted one exactly as folded, else without
 * regard to case if only one fits.
 */
export function findName(written: WrittenName, names: readonly string[]): { found?: string; several?: string[] } {
  if (names.includes(written.name)) return { found: written.name }
  if (written.quoted) return {}
  const lower = written.name.toLowerCase()
  const fitting = names.filter((name) => name.toLowerCase() === lower)
  return fitting.length > 1 ? { several: fitting } : fitting[0] === undefined ? {} : { found: fitting[0] }
}
