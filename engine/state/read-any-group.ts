/** A key group's bytes → its keys and waiting rows, whichever operator has written them. */
import { decodeGroup, type WaitingRow } from './codec.ts'
import { isGroupFormat, readGroup } from './group-format.ts'
import type { KeyRows } from './key-rows.ts'

export function readAnyGroup(group: number, bytes: Uint8Array): { keys: KeyRows[]; waiting: WaitingRow[] } {
  return isGroupFormat(bytes) ? readGroup(group, bytes) : decodeGroup(group, bytes)
}
