/** A verified snapshot → the state of a job's subtasks. Checks that it is of this view and of this shape before anything is touched. */
import { join } from 'node:path'
import type { OperatorState, RestoreTarget } from '../state/operator.ts'
import { redistribute } from '../state/operator-state.ts'
import { KEY_GROUPS, keyGroupRange } from '../state/hash.ts'
import type { Prepared } from '../forward/forwarder.ts'
import type { SinkState } from '../task/sink-task.ts'
import type { SourceState } from '../task/source-task.ts'
import { putGroups, readKeyedFile } from './keyed-file.ts'
import { isKeyedFile, partsOf, wholeFiles } from './keyed-parts.ts'
import { MANIFEST_NAME, type Manifest, SnapshotError } from './manifest.ts'
import { readSnapshot } from './snapshot-files.ts'
import type { SnapshotFs } from './snapshot-fs.ts'

export interface Restored {
  readonly manifest: Manifest
  readonly source: SourceState
  /** rows that were ready to be forwarded and may not have been */
  readonly prepared: readonly Prepared[]
}

export interface Wanted {
  readonly view: string
  readonly stateShape: string
  /** of this version, so that a refusal can name those of the snapshot that are not */
  readonly features?: readonly { readonly name: string; readonly id: string }[]
}

export async function restoreSnapshot(
  fs: SnapshotFs,
  directory: string,
  wanted: Wanted,
  operators: readonly RestoreTarget[],
): Promise<Restored> {
  const { manifest, files } = await readSnapshot(fs, directory)
  checkFit(manifest, wanted, directory)
  return { manifest, source: restoreFiles(files, directory, operators), prepared: preparedIn(files) }
}

/** @throws SnapshotError where the snapshot is not of this view, or its state has another shape */
export function checkFit(manifest: Manifest, wanted: Wanted, directory: string): void {
  const misfit = misfitOf(manifest, wanted)
  if (misfit)
    throw new SnapshotError(
      'snapshot_incompatible',
      `The snapshot ${join(directory, MANIFEST_NAME)} cannot start this job: ${misfit}. Nothing was restored. Start the job from a snapshot of its own definition, or without one.`,
    )
}

/** Fills the operators, each with its own key groups, at whatever parallelism the snapshot was written. `prefix`: of file names. */
export function restoreFiles(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
  operators: readonly RestoreTarget[],
  prefix = '',
): SourceState {
  const sourceFile = files.get(`${prefix}source-0.json`)
  if (!sourceFile)
    throw new SnapshotError(
      'snapshot_corrupt',
      `The snapshot in ${directory} has no file ${prefix}source-0.json. Nothing was restored. Choose another one.`,
    )
  const read = [...files].flatMap(([name, bytes]) =>
    name.startsWith(prefix) && isKeyedFile(name.slice(prefix.length)) ? [{ name, file: readKeyedFile(bytes) }] : [],
  )
  const states = read.map(({ file }) => file.operator)
  const asTheyAre = partsOf(
    read.map(({ file }) => file),
    operators[0]?.parts,
  )
  const isSplit = read.some(({ file }) => file.part)
  const inParts = isSplit && !asTheyAre ? read.map(({ name }) => name).join(', ') : null
  const groups = inParts
    ? readable(`${directory} (${inParts})`, () => wholeFiles(read.map(({ file }) => file))).map((file) => ({ name: inParts, file }))
    : read
  for (const [i, { name, file }] of groups.entries())
    operators.forEach((operator, index) => {
      const { from, to } = keyGroupRange(index, operators.length)
      readable(join(directory, name), () => putGroups(file, operator, (group) => group >= from && group < to, asTheyAre?.[i]))
    })
  operators.forEach((operator, index) => operator.restoreOperator(mergeStates(states, index, operators.length)))
  return readSource(sourceFile, files.get(`${prefix}sink-0.json`))
}

/** Its checksum was right, so it stands as it was written: by a build whose form of state this one does not know. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new SnapshotError(
      'snapshot_incompatible',
      `The snapshot file ${file} cannot be read by this build: ${(error as Error).message}. Start the job from another checkpoint or savepoint, from nothing, or with the build that wrote it.`,
    )
  }
}

/** What features in TypeScript refused and nobody was told of yet goes on with what the source refused. */
export function readSource(source: Uint8Array, sink: Uint8Array | undefined): SourceState {
  const state = JSON.parse(Buffer.from(source).toString('utf8')) as SourceState
  return sink ? { ...state, deadLetters: [...state.deadLetters, ...readSink(sink).deadLetters] } : state
}

/** What was prepared to be forwarded at the snapshot's barrier or before. */
export function preparedIn(files: ReadonlyMap<string, Uint8Array>): readonly Prepared[] {
  const sink = files.get('sink-0.json')
  return (sink && readSink(sink).prepared) ?? []
}

const readSink = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString('utf8')) as SinkState

function misfitOf(manifest: Manifest, wanted: Wanted): string | null {
  if (manifest.view !== wanted.view) return `it belongs to the view ${manifest.view}, not ${wanted.view}`
  if (manifest.keyGroups !== KEY_GROUPS) return `it has ${manifest.keyGroups} key groups, this engine has ${KEY_GROUPS}`
  if (manifest.stateShape === wanted.stateShape) return null
  const own = new Set(wanted.features?.map(({ id }) => id))
  const foreign = wanted.features ? manifest.features.filter(({ id }) => !own.has(id)).map(({ name }) => name) : []
  if (foreign.length > 0) return `its features ${foreign.join(', ')} are not those of this version`
  return 'its features, windows, key, order or field types are not those of this version'
}

/** Every subtask goes on from the least watermark and the newest event time; counts are carried by the first alone. */
export function mergeStates(states: readonly OperatorState[], index: number, parallelism: number): OperatorState {
  const least = (values: (number | null)[]) => (values.includes(null) ? null : Math.min(...(values as number[])))
  const newest = (values: (number | null)[]) => values.reduce((a, b) => (a === null ? b : b === null ? a : Math.max(a, b)), null)
  const counters: Record<string, number> = {}
  if (index === 0)
    for (const state of states) for (const [name, count] of Object.entries(state.counters)) counters[name] = (counters[name] ?? 0) + count
  return {
    watermarkMs: states.length === 0 ? null : least(states.map((state) => state.watermarkMs)),
    maxEventTimeMs: newest(states.map((state) => state.maxEventTimeMs)),
    droppedBeforeMs: newest(states.map((state) => state.droppedBeforeMs)),
    forgottenBeforeMs: newest(states.map((state) => state.forgottenBeforeMs ?? null)),
    counters,
    pieces: redistribute(
      states.map(({ pieces }) => pieces ?? {}),
      parallelism,
    )[index]!,
  }
}
