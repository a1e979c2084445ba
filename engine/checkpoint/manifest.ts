/**
 * What a snapshot says about itself. The manifest is written last: a directory without one is no snapshot. Its first line
 * carries its own length and CRC32, so that a flipped bit in a position is found like one in the state.
 */
import { crc32 } from 'node:zlib'
import { z } from 'zod'

export const FORMAT_VERSION = 1
export const MANIFEST_NAME = 'manifest.json'
const MAGIC = 'evenflow-snapshot'

export const Manifest = z.object({
  format: z.literal(FORMAT_VERSION),
  kind: z.enum(['checkpoint', 'savepoint']),
  view: z.string(),
  viewVersion: z.int(),
  jobId: z.int(),
  run: z.int(),
  number: z.int(),
  createdAtMs: z.number(),
  features: z.array(z.object({ name: z.string(), id: z.string() })),
  /** what the kept columns and aggregates are: state of another shape is refused */
  stateShape: z.string(),
  keyGroups: z.int(),
  parallelism: z.int(),
  positions: z.record(z.string(), z.number()),
  watermarkMs: z.number().nullable(),
  maxEventTimeMs: z.number().nullable(),
  /** the caller's own facts that belong to this cut */
  extra: z.record(z.string(), z.unknown()),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), crc32: z.int() })),
})
export type Manifest = z.infer<typeof Manifest>

export type SnapshotErrorCode = 'snapshot_missing' | 'snapshot_corrupt' | 'snapshot_incompatible'

/** A snapshot that cannot be restored. The message names the file and says what to do. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code: SnapshotErrorCode
  constructor(code: SnapshotErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export const corrupt = (file: string, why: string) =>
  new SnapshotError(
    'snapshot_corrupt',
    `The snapshot file ${file} is damaged: ${why}. Nothing was restored. Restart the job from an older checkpoint or from a savepoint.`,
  )

export function encodeManifest(manifest: Manifest): Uint8Array {
  const body = Buffer.from(JSON.stringify(manifest, null, 1))
  return Buffer.concat([Buffer.from(`${MAGIC} ${FORMAT_VERSION} ${body.length} ${crc32(body)}\n`), body])
}

export function decodeManifest(bytes: Uint8Array, file: string): Manifest {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const lineEnd = buffer.indexOf(10)
  const header = /^evenflow-snapshot (\d+) (\d+) (\d+)$/.exec(buffer.subarray(0, Math.max(0, lineEnd)).toString('latin1'))
  if (!header) throw corrupt(file, 'it does not begin as a manifest does')
  if (Number(header[1]) !== FORMAT_VERSION) {
    throw new SnapshotError(
      'snapshot_incompatible',
      `The snapshot file ${file} has format ${header[1]}; this build reads format ${FORMAT_VERSION}. Use the build that wrote it, or a newer one.`,
    )
  }
  const body = buffer.subarray(lineEnd + 1)
  if (body.length !== Number(header[2])) throw corrupt(file, `it has ${body.length} bytes where ${header[2]} were written`)
  if (crc32(body) !== Number(header[3])) throw corrupt(file, 'its checksum does not match')
  const parsed = Manifest.safeParse(JSON.parse(body.toString('utf8')))
  if (!parsed.success) throw corrupt(file, parsed.error.issues[0]?.message ?? 'its content is not a manifest')
  return parsed.data
}
