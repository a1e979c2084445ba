/**
 * An archive's rows up to the cut → a log of its own, once: in order of event time, rows of one instant in the order of their texts, so
 * that the same archive gives the same positions. A load that was interrupted begins again; a complete one is never read anew.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { JobArchive } from '../../contract/archive.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { openEmbeddedLog, streamDir } from '../source/embedded-log.ts'
import { openEmbeddedSource } from '../source/embedded-source.ts'
import { columnsOf as eventColumns } from '../source/event-columns.ts'
import type { Source } from '../source/port.ts'
import { openArchive } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { columnsOf } from './inspect-archive.ts'

const ROWS_AN_APPEND = 20_000

export interface LoadArchive {
  readonly dataDir: string
  readonly view: string
  readonly stream: StreamSchema
  readonly archive: JobArchive
  readonly now: () => number
  /** rows written and rows there are; false: give up, somebody wants the process to end */
  readonly goOn: (rows: number, of: number) => boolean
}

export class LoadStopped extends Error {
  override readonly name = 'LoadStopped'
}

/** The log of the archive, as a source with one partition, 0. @throws ArchiveRefused, LoadStopped */
export async function loadArchive(load: LoadArchive): Promise<Source> {
  const place = { dataDir: join(load.dataDir, 'archive-logs', load.view), stream: String(load.archive.number), partitions: 1 }
  const complete = join(streamDir(place.dataDir, place.stream), 'complete.json')
  const wanted = JSON.stringify(JobArchive.parse(load.archive)) // in one order of names, whoever asks
  if (!existsSync(complete) || readFileSync(complete, 'utf8') !== wanted) {
    rmSync(streamDir(place.dataDir, place.stream), { recursive: true, force: true })
    mkdirSync(streamDir(place.dataDir, place.stream), { recursive: true })
    await writeLog(load, place)
    writeFileSync(`${complete}.new`, wanted, { flush: true })
    renameSync(`${complete}.new`, complete)
  }
  return openEmbeddedSource(place)
}

async function writeLog(
  { dataDir, stream, archive: { source, stamp, maxEventTimeMs, fromMs }, now, goOn }: LoadArchive,
  place: Parameters<typeof openEmbeddedLog>[0],
): Promise<void> {
  const archive = await openArchive(dataDir, source)
  const log = openEmbeddedLog(place)
  try {
    if (archive.stamp !== stamp) throw new ArchiveRefused('refused_archive_changed', { path: source.path })
    const { event, eventTimeMs } = columnsOf(archive, stream, source)
    // A row without an event time is not left out in silence: it is a dead letter of the job.
    const where = `t IS NULL OR (t <= ${maxEventTimeMs}${fromMs === null ? '' : ` AND t >= ${fromMs}`})`
    const rows = `(SELECT ${event} AS event, ${eventTimeMs} AS t FROM ${archive.rows}) WHERE ${where}`
    const total = Number((await archive.connection.runAndReadAll(`SELECT count(*) FROM ${rows}`)).getRowsJS()[0]![0])
    const result = await archive.connection.stream(`SELECT event FROM ${rows} ORDER BY t NULLS FIRST, event`)
    let texts: string[] = []
    let written = 0
    const append = async () => {
      if (texts.length > 0) await log.append(0, eventColumns(texts), now())
      written += texts.length
      texts = []
      if (!goOn(written, total)) throw new LoadStopped('The job was stopped while it loaded its archive.')
    }
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) break
      for (const text of chunk.getColumnValues(0)) texts.push(String(text))
      if (texts.length >= ROWS_AN_APPEND) await append()
    }
    await append()
  } finally {
    await log.close()
    archive.close()
  }
}
