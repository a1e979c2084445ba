/** Snapshots on disk: each file temp → fsync → rename → fsync of the directory, the manifest last; read back verified whole. */
import { dirname, join } from 'node:path'
import { crc32 } from '@node-rs/crc32'
import { corrupt, decodeManifest, encodeManifest, type Manifest, MANIFEST_NAME, SnapshotError } from './manifest.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

/** In parts of a few megabytes at most, which are never joined: each is summed and written in a turn of its own, with reads in between. */
export interface SnapshotFile {
  readonly name: string
  readonly parts: readonly Uint8Array[]
}

export const fileBytes = ({ parts }: SnapshotFile): number => parts.reduce((sum, part) => sum + part.length, 0)

/** Durable when it resolves; answers what the manifest says of it. */
export async function writeSnapshotFile(fs: SnapshotFs, directory: string, file: SnapshotFile): Promise<Manifest['files'][number]> {
  const path = join(directory, file.name)
  const temporary = `${path}.tmp`
  const written = { name: file.name, bytes: 0, crc32: 0 }
  await fs.writeFile(temporary, summed(file.parts, written))
  await fs.syncFile(temporary)
  await fs.rename(temporary, path)
  await fs.syncDirectory(directory)
  return written
}

function* summed(parts: readonly Uint8Array[], written: { bytes: number; crc32: number }): Generator<Uint8Array> {
  for (const part of parts) {
    written.bytes += part.length
    written.crc32 = crc32(part, written.crc32)
    yield part
  }
}

/**
 * An empty directory, durable in its parent, and that one in its own, as far up as they are new; and up to `root`, which is durable,
 * unless `durable` says that this process has seen to it: one that died may have made them and not come to syncing them.
 */
export async function prepareDirectory(fs: SnapshotFs, directory: string, root = directory, durable = new Set<string>()): Promise<void> {
  await fs.remove(directory) // the rest of an attempt that did not finish
  const firstNew = (await fs.makeDirectory(directory)) ?? directory
  const isInside = (path: string) => path.length > root.length && path.startsWith(root)
  for (let made = directory; made.length >= firstNew.length || (isInside(made) && !durable.has(made)); made = dirname(made)) {
    await fs.syncDirectory(dirname(made))
    durable.add(made)
  }
}

export async function writeManifest(
  fs: SnapshotFs,
  directory: string,
  manifest: Omit<Manifest, 'files'>,
  files: Manifest['files'],
): Promise<void> {
  await writeSnapshotFile(fs, directory, { name: MANIFEST_NAME, parts: [encodeManifest({ ...manifest, files })] })
}

/** The manifest and all its files, every byte checked. @throws SnapshotError naming the file */
export async function readSnapshot(fs: SnapshotFs, directory: string): Promise<{ manifest: Manifest; files: Map<string, Uint8Array> }> {
  const manifestPath = join(directory, MANIFEST_NAME)
  const manifest = decodeManifest(
    await read(
      fs,
      manifestPath,
      `There is no snapshot in ${directory}: its manifest is missing, so it was never completed or was disposed of. Choose another one.`,
    ),
    manifestPath,
  )
  const files = new Map<string, Uint8Array>()
  for (const { name, bytes, crc32: expected } of manifest.files) {
    const path = join(directory, name)
    const content = await read(
      fs,
      path,
      `The snapshot file ${path} is missing. Nothing was restored. Restart the job from an older checkpoint or from a savepoint.`,
    )
    if (content.length !== bytes) throw corrupt(path, `it has ${content.length} bytes where ${bytes} were written`)
    if (crc32(content) !== expected) throw corrupt(path, 'its checksum does not match')
    files.set(name, content)
  }
  return { manifest, files }
}

async function read(fs: SnapshotFs, path: string, missing: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(path)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') throw new SnapshotError('snapshot_missing', missing)
    throw error
  }
}
