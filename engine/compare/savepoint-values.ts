/** A savepoint → what the job that wrote it would answer to reads: its state in operators as the job has them, a part of the keys at a time. */
import { isAbsolute, join } from 'node:path'
import { isArchivePartition } from '../../contract/archive.ts'
import type { PositionMap } from '../../contract/job-ipc.ts'
import type { KeyedFile } from '../checkpoint/keyed-file.ts'
import { keyedFilesOf } from '../checkpoint/keyed-parts.ts'
import { type Manifest, SnapshotError } from '../checkpoint/manifest.ts'
import { mergeStates } from '../checkpoint/restore.ts'
import { readSnapshot } from '../checkpoint/snapshot-files.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import { type Plan, planView } from '../plan/plan.ts'
import { keyGroupOf } from '../state/hash.ts'
import type { KeyReading } from '../state/operator.ts'
import { compileView } from '../task/compile-view.ts'
import { newBuffer } from '../task/keyed-task.ts'
import { stateShape } from '../task/pipeline.ts'
import type { ComparedJob, CompareTask } from './compare-task.ts'

const ORDERS = ['arrival', 'event_time'] as const
export type Order = (typeof ORDERS)[number]

/** The keys of some key groups. */
export interface KeysOfPart {
  readonly keys: readonly string[]
  /** moments before it cannot be answered */
  readonly readableFromMs: number
  read(key: string, atMs: number): KeyReading
}

export interface SavepointValues {
  readonly plan: Plan
  readonly order: Order
  readonly manifest: Manifest
  /** of key groups [from, to) */
  part(from: number, to: number): KeysOfPart
}

/** @throws SnapshotError where it is damaged, not of this definition, or not of these positions */
export async function openSavepointValues(
  fs: SnapshotFs,
  { dataDir }: Pick<CompareTask, 'dataDir'>,
  { savepointPath, positions, definition, source, parameters }: ComparedJob,
): Promise<SavepointValues> {
  const directory = isAbsolute(savepointPath) ? savepointPath : join(dataDir, savepointPath)
  const { manifest, files } = await readSnapshot(fs, directory)
  const plan = planView(definition, source)
  const order = ORDERS.find((one) => stateShape(plan, one) === manifest.stateShape)
  if (!order) throw misfit(directory, 'its state is not that of its definition')
  if (!samePositions(manifest.positions, positions)) throw misfit(directory, 'it was written at other positions')
  const keyed = keyedFilesOf(files)
  return { plan, order, manifest, part: (from, to) => restorePart(plan, order, parameters, keyed, from, to) }
}

function restorePart(
  plan: Plan,
  order: Order,
  { allowedLatenessMs, futureSkewMs, ttlMs }: ComparedJob['parameters'],
  files: readonly KeyedFile[],
  from: number,
  to: number,
): KeysOfPart {
  const options = { order, allowedLatenessMs, clockSlackMs: futureSkewMs, ttlMs, parallelism: 1, wantsRows: false }
  const operator = compileView(plan, options).operators[0]!
  for (const { groups } of files)
    for (const { group, bytes } of groups) if (group >= from && group < to) operator.restoreKeyGroup(group, bytes)
  operator.restoreOperator(
    mergeStates(
      files.map((file) => file.operator),
      0,
      1,
    ),
  )
  const current = newBuffer()
  while (!operator.rewrite(Number.MAX_SAFE_INTEGER));
  operator.settle(current)
  return {
    keys: [...current.current.keys()],
    readableFromMs: operator.readableFromMs(),
    read: (key, atMs) => operator.read(key, atMs, keyGroupOf(key)),
  }
}

/** Of the stream: an archive is read to its end before. */
function samePositions(a: PositionMap, b: PositionMap): boolean {
  const partitions = [...Object.keys(a), ...Object.keys(b)].filter((partition) => !isArchivePartition(Number(partition)))
  return partitions.every((partition) => (a[partition] ?? 0) === (b[partition] ?? 0))
}

const misfit = (directory: string, why: string) =>
  new SnapshotError('snapshot_incompatible', `The savepoint in ${directory} cannot be compared: ${why}.`)
