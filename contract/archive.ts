/**
 * An archive: rows of a stream's past that its log no longer has, in a Parquet file or a DuckDB database in the folder `archives` of the
 * data directory. Rows up to `maxEventTime` are taken from it, events after it from the log. Columns go by name to the stream's fields.
 */
import { z } from 'zod'

const File = z.string().min(1).max(500)

export const ArchiveSource = z
  .object({
    kind: z.enum(['parquet', 'duckdb']),
    /** relative to the folder `archives` */
    path: File,
    /** of a database: a table or view in it, `name` or `schema.name` */
    table: z.string().min(1).max(200).optional(),
    /** of a database: a SELECT over it */
    query: z.string().min(1).max(20_000).optional(),
  })
  .refine(({ kind, table, query }) => (kind === 'parquet' ? !table && !query : Boolean(table) !== Boolean(query)), {
    message: 'a Parquet file is given by its path alone, a database with either a table or a query',
  })
export type ArchiveSource = z.infer<typeof ArchiveSource>

/** What a job reads before its log. */
export const JobArchive = z.object({
  source: ArchiveSource,
  /** size and time of change of the file that was checked */
  stamp: z.string(),
  /** of the view's archives, from 0: its rows are the partition that `archivePartition` says */
  number: z.int().min(0).max(255),
  /** the cut: rows up to it are read; the log's events up to it are refused */
  maxEventTimeMs: z.number(),
  /** older rows are left out; null: none are */
  fromMs: z.number().nullable(),
})
export type JobArchive = z.infer<typeof JobArchive>

const FIRST_ARCHIVE_PARTITION = 3840 // above the partitions of streams and of unions

/** The rows of an archive have positions of their own: in this partition, numbered in the order of event time. */
export const archivePartition = (number: number): number => FIRST_ARCHIVE_PARTITION + number
export const isArchivePartition = (partition: number): boolean => partition >= FIRST_ARCHIVE_PARTITION

/** What two jobs can both be at: an archive has been read to its end by whoever has one. */
export const withoutArchives = (positions: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(positions).filter(([partition]) => !isArchivePartition(Number(partition))))
