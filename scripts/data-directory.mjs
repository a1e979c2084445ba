/**
 * The data directory: is it ours, of a version we can read, and in nobody's use? A directory that isn't is refused by name
 * and left as it was. `evenflow.json` marks it as ours and carries the version of its layout; `evenflow.lock` names the
 * process that uses it.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export const formatVersion = 1
const markerName = 'evenflow.json'
const lockName = 'evenflow.lock'

/** The directory can't be used; the message says which file, why and how to go on. Nothing was changed. */
export class DataDirectoryRefused extends Error {
  name = 'DataDirectoryRefused'
  constructor(reason, message) {
    super(message)
    this.reason = reason
  }
}

/**
 * What stands there. Changes nothing.
 * @returns {{ kind: 'absent' | 'empty' | 'ours' }}
 */
export function inspect(directory) {
  if (!existsSync(directory)) return { kind: 'absent' }
  if (!statSync(directory).isDirectory())
    throw new DataDirectoryRefused('not_a_directory', `${directory} is a file, not a directory. Set EVENFLOW_DATA_DIR to another place.`)
  const marker = join(directory, markerName)
  if (!existsSync(marker)) {
    const others = list(directory).filter((name) => name !== 'lost+found' && name !== '.gitkeep')
    if (others.length === 0) return { kind: 'empty' }
    throw new DataDirectoryRefused(
      'foreign',
      `${directory} is not empty and holds no ${markerName}, so it is not Evenflow's (it holds ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}). ` +
        'Nothing was changed. Set EVENFLOW_DATA_DIR to an empty or new directory; if this is a backup of Evenflow, bring its evenflow.json back as well.',
    )
  }
  const format = readMarker(marker)
  if (format > formatVersion)
    throw new DataDirectoryRefused(
      'newer',
      `${marker} says format ${format}; this version of Evenflow reads up to ${formatVersion}. A newer version wrote it. Nothing was changed. ` +
        'Start that version again, or set EVENFLOW_DATA_DIR to another directory.',
    )
  return { kind: 'ours' }
}

function list(directory) {
  try {
    return readdirSync(directory)
  } catch (error) {
    throw new DataDirectoryRefused(
      'unreadable',
      `${directory} cannot be read (${error.code}). Give this user the right to, or set EVENFLOW_DATA_DIR to another place.`,
    )
  }
}

function readMarker(marker) {
  let parsed
  try {
    parsed = JSON.parse(readFileSync(marker, 'utf8'))
  } catch {
    parsed = null
  }
  if (parsed?.product !== 'evenflow' || !Number.isInteger(parsed.format) || parsed.format < 1)
    throw new DataDirectoryRefused(
      'truncated',
      `${marker} is damaged: it should hold {"product":"evenflow","format":…} and does not. The data beside it may be damaged too. Nothing was changed. ` +
        'Restore the directory from a backup, or set EVENFLOW_DATA_DIR to a new one.',
    )
  return parsed.format
}

/** Checks the directory, makes it when it isn't there, and takes its lock. Give the answer's `release` a call at the end. */
export function openDataDirectory(directory, { version, pid = process.pid } = {}) {
  const { kind } = inspect(directory)
  try {
    if (kind === 'absent') mkdirSync(directory, { recursive: true })
    const release = takeLock(directory, pid)
    if (kind !== 'ours') writeMarker(directory, version)
    return { created: kind !== 'ours', release }
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'ENOSPC') throw error
    throw new DataDirectoryRefused(
      'unwritable',
      `${directory} cannot be written (${error.code}). Give this user the right to, make room, or set EVENFLOW_DATA_DIR to another place.`,
    )
  }
}

function writeMarker(directory, version) {
  const text = `${JSON.stringify({ product: 'evenflow', format: formatVersion, version, createdAt: new Date().toISOString() })}\n`
  const temporary = join(directory, `${markerName}.${process.pid}.tmp`)
  writeDurably(temporary, text)
  renameSync(temporary, join(directory, markerName))
}

function takeLock(directory, pid) {
  const lock = join(directory, lockName)
  const temporary = join(directory, `${lockName}.${pid}.tmp`)
  writeDurably(temporary, JSON.stringify({ pid, startedAt: startOfProcess(pid) }))
  try {
    for (;;) {
      try {
        linkSync(temporary, lock) // complete at once, or not there: a lock is never half written
        return () => rmSync(lock, { force: true })
      } catch (error) {
        if (error.code !== 'EEXIST') throw error
      }
      const owner = readLock(lock)
      if (owner && isAlive(owner))
        throw new DataDirectoryRefused(
          'in_use',
          `${directory} is in use by process ${owner.pid} (${lock}). Stop that one first, or set EVENFLOW_DATA_DIR to another directory.`,
        )
      rmSync(lock, { force: true })
    }
  } finally {
    unlinkSync(temporary)
  }
}

function readLock(lock) {
  let text
  try {
    text = readFileSync(lock, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
  try {
    const owner = JSON.parse(text)
    if (Number.isInteger(owner.pid)) return owner
  } catch {
    // said below
  }
  throw new DataDirectoryRefused(
    'lock_damaged',
    `${lock} is damaged, so it cannot be told whether another Evenflow runs there. Make sure that none does, delete that file, and start again.`,
  )
}

function isAlive(owner) {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (error.code === 'ESRCH') return false
  }
  // A process number is used again: the same number with another start is another process.
  const startedAt = startOfProcess(owner.pid)
  return owner.startedAt == null || startedAt == null || startedAt === owner.startedAt
}

/** Clock ticks from boot to the process's start, with the boot's id; null where the system doesn't tell. */
export function startOfProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return null
  }
}

function writeDurably(path, text) {
  const file = openSync(path, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
