/** A job's online rows as the beginning of another job's store, while the first goes on writing. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { open } from 'lmdb'
import { onlineDir, type OnlineStoreAt } from './online-store.ts'

/** A consistent copy, whole or not at all; nothing where there is nothing to copy or the target is there already. */
export async function copyOnlineStore(from: OnlineStoreAt, to: OnlineStoreAt): Promise<void> {
  const [source, target] = [onlineDir(from), onlineDir(to)]
  if (!existsSync(source) || existsSync(target)) return
  const part = `${target}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  const env = open({ path: source, maxDbs: 4, noSubdir: false, readOnly: true })
  try {
    await env.backup(part, true)
  } finally {
    await env.close()
  }
  const copy = open({ path: part, maxDbs: 4, noSubdir: false })
  // The epochs of the job it came from mean nothing to the job it is for.
  await copy.openDB<unknown, string>('meta', { encoding: 'json' }).put('epoch', 0)
  await copy.flushed
  await copy.close()
  renameSync(part, target)
}
