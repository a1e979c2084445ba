/** Keyed files of a job that was split by feature: parts of the same keys, joined to those of the whole view. */
import { joinGroup } from '../state/part-rows.ts'
import { type KeyedFile, readKeyedFile } from './keyed-file.ts'

export const isKeyedFile = (name: string): boolean => /^keyed-\d+\.bin$/.test(name)

/** Of a snapshot: its keyed files, each holding all that the view keeps of its keys. */
export function keyedFilesOf(files: ReadonlyMap<string, Uint8Array>): KeyedFile[] {
  return wholeFiles([...files].flatMap(([name, bytes]) => (isKeyedFile(name) ? [readKeyedFile(bytes)] : [])))
}

/** Files that hold a part alone are replaced by such that hold all of it. What belonged to the subtasks stays as it was written. */
export function wholeFiles(files: readonly KeyedFile[]): KeyedFile[] {
  const parts = files.flatMap(({ part, groups }) => (part ? groups.map(({ group, bytes }) => ({ group, bytes, part })) : []))
  if (parts.length === 0) return [...files]
  const joined = [...Map.groupBy(parts, ({ group }) => group)].map(([group, ofGroup]) => ({ group, bytes: joinGroup(group, ofGroup) }))
  const rest = files.map((file) => (file.part ? { ...file, part: undefined, groups: [] } : file))
  return [{ ...rest[0]!, groups: [...rest[0]!.groups, ...joined] }, ...rest.slice(1)]
}

/** By file: which of the target's parts it is of; null: the target is split in another way, or not at all. */
export function partsOf(files: readonly KeyedFile[], target: readonly (readonly string[])[] | undefined): number[] | null {
  const names = target?.map((features) => features.join())
  const found = files.map(({ part }) => (part && names ? names.indexOf(part.features.join()) : -1))
  const isWhole = names?.every((_, p) => found.includes(p)) ?? false
  return isWhole && !found.includes(-1) ? found : null
}
