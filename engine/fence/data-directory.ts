/**
 * One engine per data directory: `engine.lock` names the process that has it, `evenflow.json` says whose directory it is and
 * in which format. A lock whose process is gone (or whose pid is another process by now) is stale and taken over.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const FORMAT_VERSION = 1

/** The data directory can't be used as it is. Nothing was changed. */
export class DataDirectoryRefused extends Error {
  override readonly name = 'DataDirectoryRefused'
}

interface Lock {
  readonly pid: number
  /** the operating system's start time of that process, as text; tells a pid that was given out again */
  readonly startedAt: string
}

/** What is ours from before there is a marker: made by the launcher and the migrator. */
const OWN =
  /^(evenflow\.db.*|engine\.lock.*|evenflow\.json.*|evenflow\.lock.*|launcher.*|console.*|engine-.*|logs?|.*\.log|secrets?|.*\.token|\..*|streams|online|history|checkpoints|savepoints)$/

export function lockDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true })
  checkMarker(dataDir)
  const path = join(dataDir, 'engine.lock')
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) }), { flag: 'wx' })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const lock = readLock(path)
    if (lock && isAlive(lock.pid) && startTimeOf(lock.pid) === lock.startedAt)
      throw new DataDirectoryRefused(
        `The data directory ${dataDir} is in use by another Evenflow engine, process ${lock.pid} (started ${lock.startedAt}). Stop that one, or give this one its own directory in EVENFLOW_DATA_DIR.`,
      )
    if (attempt > 3) throw new DataDirectoryRefused(`The lock ${path} could not be taken: several engines are starting at once. Try again.`)
    rmSync(path, { force: true })
  }
  writeMarker(dataDir)
  return () => {
    if (readLock(path)?.pid === process.pid) rmSync(path, { force: true })
  }
}

function checkMarker(dataDir: string): void {
  const path = join(dataDir, 'evenflow.json')
  if (!existsSync(path)) {
    const foreign = readdirSync(dataDir).find((name) => !OWN.test(name))
    if (foreign)
      throw new DataDirectoryRefused(
        `${join(dataDir, foreign)} is not Evenflow's, and there is no evenflow.json beside it. Nothing was changed. Give an empty directory in EVENFLOW_DATA_DIR.`,
      )
    const ours = ['streams', 'online', 'history', 'checkpoints'].find((name) => existsSync(join(dataDir, name)))
    if (ours)
      throw new DataDirectoryRefused(
        `${path} is missing, yet ${join(dataDir, ours)} holds data: the directory is incomplete. Nothing was changed. Restore evenflow.json from a backup, or give an empty directory in EVENFLOW_DATA_DIR.`,
      )
    return
  }
  let marker: { format?: unknown; product?: unknown }
  try {
    marker = JSON.parse(readFileSync(path, 'utf8')) as typeof marker
  } catch {
    throw new DataDirectoryRefused(
      `${path} is cut off or damaged. Nothing was changed. Restore the file from a backup ({"product":"evenflow","format":${FORMAT_VERSION}}), or give an empty directory in EVENFLOW_DATA_DIR.`,
    )
  }
  if (marker?.product !== 'evenflow' || typeof marker.format !== 'number')
    throw new DataDirectoryRefused(`${path} is not Evenflow's marker. Nothing was changed. Give an empty directory in EVENFLOW_DATA_DIR.`)
  if (marker.format > FORMAT_VERSION)
    throw new DataDirectoryRefused(
      `${path} says format ${marker.format}; this version knows up to ${FORMAT_VERSION}. Nothing was changed. Start the newer version of Evenflow that wrote it.`,
    )
}

function writeMarker(dataDir: string): void {
  const path = join(dataDir, 'evenflow.json')
  if (existsSync(path)) return
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ product: 'evenflow', format: FORMAT_VERSION })}\n`, { flush: true })
  renameSync(`${path}.tmp`, path)
}

function readLock(path: string): Lock | undefined {
  try {
    const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock
    return typeof lock.pid === 'number' ? lock : undefined
  } catch {
    return undefined // gone, or cut off by a crash while it was written
  }
}

/** A process that has ended and that nobody has waited for yet (state Z) is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return !psColumn(pid, 'stat').startsWith('Z')
}

/** '' where the system doesn't tell: then the pid alone decides. */
export function startTimeOf(pid: number): string {
  return psColumn(pid, 'lstart')
}

export const commandOf = (pid: number): string => psColumn(pid, 'args')

function psColumn(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    }).trim()
  } catch {
    return ''
  }
}
