/** A key group's bytes → its keys and waiting rows, whichever operator has written them. Panes hold no rows. */
import { decodeGroup, type WaitingRow } from './codec.ts'
import { rowBytes } from './code-sections.ts'
import { isGroupFormat, readGroup } from './group-format.ts'
import type { KeyRows } from './key-rows.ts'
import { isPaneFormat } from './pane-format.ts'

export function readAnyGroup(group: number, whole: Uint8Array): { keys: KeyRows[]; waiting: WaitingRow[] } {
  const bytes = rowBytes(whole)
  if (isPaneFormat(bytes))
    throw new Error('the state holds panes, not rows: only a view with the same PRECISION on the compiled road can go on with it')
  return isGroupFormat(bytes) ? readGroup(group, bytes) : decodeGroup(group, bytes)
}
