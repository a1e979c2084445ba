/** SnapshotFs on the local file system. */
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { SnapshotFs } from './snapshot-fs.ts'

export const nodeSnapshotFs: SnapshotFs = {
  makeDirectory: (path) => mkdir(path, { recursive: true }),
  writeFile: (path, parts) => writeFile(path, parts),
  syncFile: sync,
  rename,
  syncDirectory: sync,
  readFile: (path) => readFile(path),
  async list(path) {
    try {
      return await readdir(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
