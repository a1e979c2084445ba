/** A keyed subtask's key groups in one file: a header of JSON (length first), then the groups' bytes one after another. */
import type { PartOfState } from '../plan/feature-parts.ts'
import type { OperatorSnapshot, OperatorState, RestoreTarget } from '../state/operator.ts'

interface Header {
  readonly operator: OperatorState
  readonly groups: readonly { readonly group: number; readonly bytes: number }[]
  /** it holds this part of what the view keeps; missing: all of it */
  readonly part?: PartOfState | undefined
}

/** Of a snapshot that is complete, or of an operator as it stands. In parts: the header, then each group's as they stand. */
export function encodeKeyedFile(
  snapshot: Pick<OperatorSnapshot, 'operator' | 'partsOf'>,
  from: number,
  to: number,
  part?: PartOfState,
): Uint8Array[] {
  const parts: Uint8Array[] = []
  const groups: { group: number; bytes: number }[] = []
  for (let group = from; group < to; group++) {
    const ofGroup = snapshot.partsOf(group)
    if (!ofGroup) continue
    groups.push({ group, bytes: ofGroup.reduce((sum, { length }) => sum + length, 0) })
    parts.push(...ofGroup)
  }
  const header = Buffer.from(JSON.stringify({ operator: snapshot.operator, groups, part } satisfies Header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  return [Buffer.concat([length, header]), ...parts]
}

export interface KeyedFile {
  /** what belonged to the subtask that wrote the file */
  readonly operator: OperatorState
  readonly groups: readonly { readonly group: number; readonly bytes: Uint8Array }[]
  readonly part: PartOfState | undefined
}

export function readKeyedFile(bytes: Uint8Array): KeyedFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = buffer.readUInt32LE(0)
  const header = JSON.parse(buffer.subarray(4, 4 + headerLength).toString('utf8')) as Header
  let at = 4 + headerLength
  const groups = header.groups.map(({ group, bytes: length }) => {
    at += length
    return { group, bytes: buffer.subarray(at - length, at) }
  })
  return { operator: header.operator, groups, part: header.part }
}

/** Puts the groups that the operator `wants` into it; returns what belonged to the subtask that wrote the file. */
export function decodeKeyedFile(bytes: Uint8Array, operator: RestoreTarget, wants: (group: number) => boolean): OperatorState {
  const file = readKeyedFile(bytes)
  putGroups(file, operator, wants)
  return file.operator
}

/** `part`: of the operator, which the file is of. */
export function putGroups({ groups }: KeyedFile, operator: RestoreTarget, wants: (group: number) => boolean, part?: number): void {
  for (const { group, bytes } of groups) if (wants(group)) operator.restoreKeyGroup(group, bytes, part)
}
