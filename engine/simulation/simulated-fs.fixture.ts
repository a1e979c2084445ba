/** Files in memory, each operation of which is done when the scheduler lets it. */
import type { MemoryFs } from '../checkpoint/memory-fs.fixture.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import type { Scheduler } from './scheduler.fixture.ts'

export function simulatedFs(files: MemoryFs, scheduler: Scheduler, run: number): SnapshotFs {
  const later = <T>(name: string, act: () => Promise<T>) => scheduler.later(run, name, act)
  return {
    makeDirectory: (path) => later('make directory', () => files.makeDirectory(path)),
    writeFile: (path, parts) => later('write file', () => files.writeFile(path, parts)),
    syncFile: (path) => later('sync file', () => files.syncFile(path)),
    rename: (from, to) => later('rename', () => files.rename(from, to)),
    syncDirectory: (path) => later('sync directory', () => files.syncDirectory(path)),
    readFile: (path) => later('read file', () => files.readFile(path)),
    list: (path) => later('list', () => files.list(path)),
    remove: (path) => later('remove', () => files.remove(path)),
  }
}
