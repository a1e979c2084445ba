/**
 * A savepoint of one version of a view → the state of another one's job, together with what a backfill has built for it up to the same
 * positions. Everything is read and held against its plan before anything is touched.
 */
import { isArchivePartition } from '../../contract/archive.ts'
import { compileEvaluator, type Evaluator } from '../compile/evaluator.ts'
import type { Plan } from '../plan/plan.ts'
import { stateChange } from '../plan/state-change.ts'
import { codeSections, withCode } from '../state/code-sections.ts'
import { encodeGroup } from '../state/codec.ts'
import { KEY_GROUPS, keyGroupRange } from '../state/hash.ts'
import { type KeysOfGroup, mergeGroup, type MergeParts } from '../state/merge-keys.ts'
import type { OperatorState, RestoreTarget } from '../state/operator.ts'
import { readAnyGroup } from '../state/read-any-group.ts'
import { stateShape } from '../task/pipeline.ts'
import type { SourceState } from '../task/source-task.ts'
import type { KeyedFile } from './keyed-file.ts'
import { keyedFilesOf } from './keyed-parts.ts'
import { type Manifest, SnapshotError } from './manifest.ts'
import { checkFit, mergeStates, preparedIn, readSource, type Restored } from './restore.ts'
import { readSnapshot } from './snapshot-files.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

export interface AdaptFrom {
  readonly directory: string
  readonly plan: Plan
}

interface Side {
  readonly manifest: Manifest
  readonly source: SourceState
  readonly prepared: Restored['prepared']
  readonly files: readonly KeyedFile[]
}

/** @throws SnapshotError where one of them is not what it should be, or they are not of the same positions */
export async function adaptSnapshots(
  fs: SnapshotFs,
  of: { view: string; order: string; archiveCutMs?: number | null },
  wanted: Evaluator,
  from: { kept: AdaptFrom; built: AdaptFrom | null },
  operators: readonly RestoreTarget[],
): Promise<Restored> {
  const kept = await readSide(fs, of, from.kept)
  const built = from.built && (await readSide(fs, of, from.built))
  if (built) checkPositions(kept.manifest, built.manifest, from.built!.directory)
  const archived = built ? archivesOnlyIn(built.source, kept.source) : []
  const parts: MergeParts = {
    wanted,
    archiveCutMs: archived.length > 0 ? (of.archiveCutMs ?? null) : null,
    kept: { ...compileEvaluator(from.kept.plan), change: stateChange(from.kept.plan, wanted.plan) },
    built: from.built && { ...compileEvaluator(from.built.plan), change: stateChange(from.built.plan, wanted.plan) },
  }
  for (let group = 0; group < KEY_GROUPS; group++) {
    const ofKept = keysOf(kept, group)
    const ofBuilt = built && keysOf(built, group)
    const { keys, waiting } = mergeGroup(group, ofKept, ofBuilt, parts)
    if (keys.length > 0 || waiting.length > 0) {
      const sections = [...sectionsOf(kept, group), ...(built ? sectionsOf(built, group) : [])]
      ownerOf(group, operators).restoreKeyGroup(group, withCode(encodeGroup(keys, waiting), sections))
    }
  }
  const isDeeper = parts.kept.change.isDeeper || parts.archiveCutMs !== null
  operators.forEach((operator, index) => {
    const state = mergeStates(statesOf(kept), index, operators.length)
    const droppedBeforeMs =
      isDeeper && built ? mergeStates(statesOf(built), index, operators.length).droppedBeforeMs : state.droppedBeforeMs
    operator.restoreOperator({ ...state, droppedBeforeMs })
  })
  const source = archived.length > 0 ? withArchives(kept.source, built!.source, archived) : kept.source
  return { manifest: kept.manifest, source, prepared: kept.prepared }
}

/** Archives that the backfill has read to their end, and the kept job never. */
const archivesOnlyIn = (built: SourceState, kept: SourceState): string[] =>
  Object.keys(built.positions).filter((partition) => isArchivePartition(Number(partition)) && !(partition in kept.positions))

function withArchives(kept: SourceState, built: SourceState, archives: readonly string[]): SourceState {
  const of = <T>(values: Readonly<Record<string, T>>) => Object.fromEntries(archives.map((partition) => [partition, values[partition]!]))
  return {
    ...kept,
    positions: { ...kept.positions, ...of(built.positions) },
    watermarks: { ...kept.watermarks, partitions: { ...kept.watermarks.partitions, ...of(built.watermarks.partitions) } },
  }
}

async function readSide(fs: SnapshotFs, { view, order }: { view: string; order: string }, { directory, plan }: AdaptFrom): Promise<Side> {
  const { manifest, files } = await readSnapshot(fs, directory)
  checkFit(manifest, { view, stateShape: stateShape(plan, order) }, directory)
  const source = files.get('source-0.json')
  if (!source)
    throw new SnapshotError(
      'snapshot_corrupt',
      `The snapshot in ${directory} has no file source-0.json. Nothing was restored. Choose another one.`,
    )
  return {
    manifest,
    source: readSource(source, files.get('sink-0.json')),
    prepared: preparedIn(files),
    files: keyedFilesOf(files),
  }
}

function checkPositions(kept: Manifest, built: Manifest, directory: string): void {
  const differing = Object.keys(kept.positions).find((partition) => kept.positions[partition] !== built.positions[partition])
  if (differing !== undefined)
    throw new SnapshotError(
      'snapshot_incompatible',
      `The backfill in ${directory} ends at position ${built.positions[differing] ?? 'none'} of partition ${differing}, the savepoint at ${kept.positions[differing]}. Nothing was restored. Release the version again.`,
    )
}

const statesOf = ({ files }: Side): OperatorState[] => files.map(({ operator }) => operator)

function keysOf({ files }: Side, group: number): KeysOfGroup {
  for (const file of files) {
    const found = file.groups.find((one) => one.group === group)
    if (found) return readAnyGroup(group, found.bytes)
  }
  return { keys: [], waiting: [] }
}

function sectionsOf({ files }: Side, group: number): Uint8Array[] {
  return files.flatMap((file) => file.groups.filter((one) => one.group === group).flatMap(({ bytes }) => codeSections(bytes)))
}

function ownerOf(group: number, operators: readonly RestoreTarget[]): RestoreTarget {
  return operators.find((_, index) => {
    const { from, to } = keyGroupRange(index, operators.length)
    return group >= from && group < to
  })!
}
