/** What is in an archive, for the check before a release. Reads its columns, counts its rows; writes nothing. */
import type { ArchiveSource } from '../../contract/archive.ts'
import type { ArchiveFound } from '../../contract/release-check.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { type ArchiveColumns, mapColumns } from './archive-columns.ts'
import { archiveStamp, firstLine, type OpenArchive, openArchive } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'

const PATIENCE_MS = 30_000

export interface AskedArchive {
  readonly source: ArchiveSource
  /** the cut; not given: the archive's newest event time */
  readonly maxEventTimeMs?: number | undefined
  readonly fromMs?: number | undefined
}

/** Asked again and again while somebody looks at a check: an unchanged file is counted once. */
const counted = new Map<string, ArchiveFound>()
const MOST_COUNTED = 50

/** @throws ArchiveRefused */
export async function inspectArchive(dataDir: string, stream: StreamSchema, asked: AskedArchive): Promise<ArchiveFound> {
  const question = JSON.stringify([dataDir, archiveStamp(dataDir, asked.source), asked, stream.fields, stream.eventTime])
  const known = counted.get(question)
  if (known) return known
  const found = await count(dataDir, stream, asked)
  if (counted.size >= MOST_COUNTED) counted.clear()
  counted.set(question, found)
  return found
}

async function count(dataDir: string, stream: StreamSchema, asked: AskedArchive): Promise<ArchiveFound> {
  const { source } = asked
  const archive = await openArchive(dataDir, source)
  const timer = setTimeout(() => archive.connection.interrupt(), PATIENCE_MS)
  try {
    const { absent, eventTimeMs } = columnsOf(archive, stream, source)
    const between = [
      ...(asked.maxEventTimeMs === undefined ? [] : [`t <= ${asked.maxEventTimeMs}`]),
      ...(asked.fromMs === undefined ? [] : [`t >= ${asked.fromMs}`]),
    ]
    const where = between.length > 0 ? `WHERE ${between.join(' AND ')}` : ''
    const answer = await archive.connection.runAndReadAll(
      `SELECT count(*), min(t), max(t) FROM (SELECT ${eventTimeMs} AS t FROM ${archive.rows}) ${where}`,
    )
    const [rows, minEventTimeMs, maxEventTimeMs] = answer.getRowsJS()[0]!.map((value) => (value === null ? null : Number(value)))
    if (!rows || minEventTimeMs == null || maxEventTimeMs == null) throw new ArchiveRefused('refused_archive_empty', { path: source.path })
    return {
      rows,
      minEventTimeMs,
      maxEventTimeMs,
      cutAtMs: asked.maxEventTimeMs ?? maxEventTimeMs,
      absent: [...absent],
      stamp: archive.stamp,
    }
  } catch (error) {
    if (error instanceof ArchiveRefused) throw error
    throw new ArchiveRefused('refused_archive_unreadable', { path: source.path, why: firstLine(error) })
  } finally {
    clearTimeout(timer)
    archive.close()
  }
}

/** @throws ArchiveRefused where columns are missing or of other types */
export function columnsOf({ columns }: OpenArchive, stream: StreamSchema, { path }: ArchiveSource): ArchiveColumns {
  const mapped = mapColumns(stream, columns)
  if (!Array.isArray(mapped)) return mapped
  const missing = mapped.filter(({ columnType }) => columnType === null)
  if (missing.length > 0) throw new ArchiveRefused('refused_archive_columns', { path, fields: missing.map(({ field }) => field) })
  const { field, type, columnType } = mapped[0]!
  throw new ArchiveRefused('refused_archive_type', { path, field, type, columnType: columnType! })
}
