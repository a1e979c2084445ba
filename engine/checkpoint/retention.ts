/**
 * Which checkpoints of a job go when a newer one is complete: all but the newest `keep` complete ones (at least two), over all
 * runs; and attempts of earlier runs that never got a manifest. Savepoints stand elsewhere and are never looked at. Every
 * checkpoint is whole in itself, so none needs another.
 */
import { join } from 'node:path'
import { MANIFEST_NAME } from './manifest.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

interface Found {
  readonly path: string
  readonly run: number
  readonly number: number
  readonly complete: boolean
}

export const runDirectory = (jobDirectory: string, run: number) => join(jobDirectory, `run-${run}`)
export const checkpointDirectory = (jobDirectory: string, run: number, number: number) =>
  join(runDirectory(jobDirectory, run), `checkpoint-${number}`)

export async function listCheckpoints(fs: SnapshotFs, jobDirectory: string): Promise<Found[]> {
  const found: Found[] = []
  for (const runName of await fs.list(jobDirectory)) {
    const run = /^run-(\d+)$/.exec(runName)
    if (!run) continue
    for (const name of await fs.list(join(jobDirectory, runName))) {
      const checkpoint = /^checkpoint-(\d+)$/.exec(name)
      if (!checkpoint) continue
      const path = join(jobDirectory, runName, name)
      const complete = (await fs.list(path)).includes(MANIFEST_NAME)
      found.push({ path, run: Number(run[1]), number: Number(checkpoint[1]), complete })
    }
  }
  return found.sort((a, b) => b.run - a.run || b.number - a.number)
}

/** Removes what is no longer needed; `currentRun`'s attempts are left alone. Returns the removed directories. */
export async function pruneCheckpoints(fs: SnapshotFs, jobDirectory: string, currentRun: number, keep: number): Promise<string[]> {
  const all = await listCheckpoints(fs, jobDirectory)
  const complete = all.filter((checkpoint) => checkpoint.complete)
  const doomed = [...complete.slice(Math.max(2, keep)), ...all.filter((checkpoint) => !checkpoint.complete && checkpoint.run < currentRun)]
  for (const { path } of doomed) {
    await fs.remove(join(path, MANIFEST_NAME)) // first of all, so that a half-removed one is not taken for a whole one
    await fs.remove(path)
  }
  return doomed.map(({ path }) => path)
}
