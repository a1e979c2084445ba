/** Snapshots on disk: each file temp → fsync → rename → fsync of the directory, the manifest last; read back verified whole. */
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { corrupt, decodeManifest, encodeManifest, type Manifest, MANIFEST_NAME, SnapshotError } from './manifest.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

export interface SnapshotFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export async function writeSnapshotFile(fs: SnapshotFs, directory: string, { name, bytes }: SnapshotFile): Promise<void> {
  const path = join(directory, name)
  const temporary = `${path}.tmp`
  await fs.writeFile(temporary, bytes)
  await fs.syncFile(temporary)
  await fs.rename(temporary, path)
  await fs.syncDirectory(directory)
}

/** An empty directory, durable in its parent, and that one in its own, as far up as they are new. */
export async function prepareDirectory(fs: SnapshotFs, directory: string): Promise<void> {
  await fs.remove(directory) // the rest of an attempt that did not finish
  const firstNew = (await fs.makeDirectory(directory)) ?? directory
  for (let made = directory; made.length >= firstNew.length; made = dirname(made)) await fs.syncDirectory(dirname(made))
}

export async function writeManifest(
  fs: SnapshotFs,
  directory: string,
  manifest: Omit<Manifest, 'files'>,
  files: readonly SnapshotFile[],
): Promise<number> {
  const bytes = encodeManifest({
    ...manifest,
    files: files.map((file) => ({ name: file.name, bytes: file.bytes.length, crc32: crc32(file.bytes) })),
  })
  await writeSnapshotFile(fs, directory, { name: MANIFEST_NAME, bytes })
  return bytes.length
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
