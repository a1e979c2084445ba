/** Columns of an archive → fields of a stream, by name. Pure: what DuckDB is to select, and what does not fit. */
import type { Field, FieldType, StreamSchema } from '../../definition/model.ts'

export interface ArchiveColumn {
  readonly name: string
  /** as DuckDB describes it */
  readonly type: string
}

export interface ArchiveColumns {
  /** SQL: the event as a JSON text, and its event time in epoch ms */
  readonly event: string
  readonly eventTimeMs: string
  /** nullable fields that the archive has no column for */
  readonly absent: readonly string[]
}

export interface Misfit {
  readonly field: string
  readonly type: FieldType
  /** null: there is no such column */
  readonly columnType: string | null
}

const INTEGERS = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT))$/
const NUMBERS = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(.*\)|FLOAT|DOUBLE)$/
const INSTANTS = /^(DATE|TIMESTAMP.*)$/

export function mapColumns(stream: StreamSchema, columns: readonly ArchiveColumn[]): ArchiveColumns | Misfit[] {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
  const misfits: Misfit[] = []
  const absent: string[] = []
  const parts: string[] = []
  let eventTimeMs = ''
  for (const field of stream.fields) {
    const column = byName.get(field.name.toLowerCase())
    if (!column && field.nullable && field.name !== stream.eventTime) {
      absent.push(field.name)
      continue
    }
    const sql = column ? valueOf(field, column) : null
    if (sql === null) misfits.push({ field: field.name, type: field.type, columnType: column?.type ?? null })
    else parts.push(`'${field.name.replaceAll("'", "''")}': ${sql}`)
    if (sql !== null && field.name === stream.eventTime) eventTimeMs = sql
  }
  return misfits.length > 0 ? misfits : { event: `to_json({${parts.join(', ')}})::VARCHAR`, eventTimeMs, absent }
}

/** null: such a column does not fit the field. Whatever a value is in the end is judged as for any event. */
function valueOf({ type }: Field, { name, type: columnType }: ArchiveColumn): string | null {
  const column = `"${name.replaceAll('"', '""')}"`
  if (type === 'timestamp') {
    if (INTEGERS.test(columnType)) return column
    return INSTANTS.test(columnType) ? `epoch_ms(${columnType.startsWith('TIMESTAMP WITH') ? column : `${column}::TIMESTAMP`})` : null
  }
  if (type === 'boolean') return columnType === 'BOOLEAN' ? column : null
  if (type === 'int') return INTEGERS.test(columnType) ? column : null
  if (type === 'double') return NUMBERS.test(columnType) ? `CASE WHEN isfinite(${column}::DOUBLE) THEN ${column}::DOUBLE END` : null
  if (type === 'string') return /^(VARCHAR|UUID|ENUM\(.*)$/.test(columnType) ? `${column}::VARCHAR` : null
  return /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(.*\))$/.test(columnType) ? column : null
}
