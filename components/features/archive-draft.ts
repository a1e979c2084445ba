/** What a person has entered about an archive → what is asked for. Pure. */
import type { CreateRelease } from '@/contract/http-api.ts'
import { parseInstant } from './instant.ts'

export const archiveKinds = ['parquet', 'table', 'query'] as const
export type ArchiveKind = (typeof archiveKinds)[number]

export interface ArchiveDraft {
  readonly kind: ArchiveKind
  readonly path: string
  readonly table: string
  readonly query: string
  /** the cut, as text; empty: the archive's newest event time */
  readonly upTo: string
}

export const emptyArchive: ArchiveDraft = { kind: 'parquet', path: '', table: '', query: '', upTo: '' }

/** null: something is missing, or the instant is none. */
export function askedArchive({ kind, path, table, query, upTo }: ArchiveDraft): NonNullable<CreateRelease['archive']> | null {
  const maxEventTime = upTo.trim() === '' ? undefined : parseInstant(upTo)
  const of = kind === 'table' ? { table: table.trim() } : kind === 'query' ? { query: query.trim() } : {}
  if (maxEventTime === null || [path.trim(), ...Object.values(of)].includes('')) return null
  return {
    source: { kind: kind === 'parquet' ? 'parquet' : 'duckdb', path: path.trim(), ...of },
    ...(maxEventTime !== undefined && { maxEventTime }),
  }
}
