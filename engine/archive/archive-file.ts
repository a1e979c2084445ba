/** Opens an archive read-only, in a DuckDB that can reach nothing but its file. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { ArchiveSource } from '../../contract/archive.ts'
import type { ArchiveColumn } from './archive-columns.ts'
import { ArchiveRefused } from './archive-refused.ts'

export const ARCHIVES = 'archives'

export interface OpenArchive {
  readonly columns: readonly ArchiveColumn[]
  /** SQL that stands for its rows in FROM */
  readonly rows: string
  /** size and time of change of its file */
  readonly stamp: string
  readonly connection: DuckDBConnection
  close(): void
}

/** @throws ArchiveRefused: it is not there, not in the folder, or not what it should be */
export async function openArchive(dataDir: string, source: ArchiveSource): Promise<OpenArchive> {
  const path = archivePath(dataDir, source.path)
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '1GB' })
  const connection = await instance.connect()
  const close = () => {
    connection.closeSync()
    instance.closeSync()
  }
  try {
    await connection.run(`SET temp_directory = ${text(join(dataDir, 'tmp', 'archive'))}`)
    if (source.kind === 'duckdb') await connection.run(`ATTACH ${text(path)} AS archive (READ_ONLY); USE archive`)
    else await connection.run(`SET allowed_paths = [${text(path)}]`)
    await connection.run('SET enable_external_access = false; SET lock_configuration = true')
    const rows = await rowsOf(connection, source, path)
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${rows}`)
    const columns = described.getRowsJS().map(([name, type]) => ({ name: String(name), type: String(type) }))
    return { columns, rows, stamp: archiveStamp(dataDir, source), connection, close }
  } catch (error) {
    close()
    if (error instanceof ArchiveRefused) throw error
    throw new ArchiveRefused('refused_archive_unreadable', { path: source.path, why: firstLine(error) })
  }
}

/** Size and time of change of its file. @throws ArchiveRefused */
export function archiveStamp(dataDir: string, { path }: ArchiveSource): string {
  const { size, mtimeMs } = statSync(archivePath(dataDir, path))
  return `${size} bytes, ${Math.round(mtimeMs)}`
}

async function rowsOf(connection: DuckDBConnection, { kind, table, query }: ArchiveSource, path: string): Promise<string> {
  if (kind === 'parquet') return `read_parquet(${text(path)})`
  if (table) return table.split('.').map(quoted).join('.')
  const { count } = await connection.extractStatements(query!)
  if (count !== 1) throw new Error(`the query is ${count} statements; one SELECT is wanted`)
  return `(${query!.trim().replace(/;$/, '')}\n)`
}

/** The real path of a file in the folder of archives, wherever links lead. */
function archivePath(dataDir: string, path: string): string {
  const folder = join(dataDir, ARCHIVES)
  const wanted = join(folder, path)
  const isInside = (inner: string, outer: string) => {
    const way = relative(outer, inner)
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  }
  if (isAbsolute(path) || !isInside(wanted, folder)) throw new ArchiveRefused('refused_archive_outside', { path })
  if (!existsSync(wanted)) throw new ArchiveRefused('refused_archive_missing', { path })
  const real = realpathSync(wanted)
  if (!isInside(real, realpathSync(folder))) throw new ArchiveRefused('refused_archive_outside', { path })
  return real
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
export const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0]!
