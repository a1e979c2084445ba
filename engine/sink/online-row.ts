/**
 * One stored row of the online store: 40 bytes of numbers (asOf, n, step, epoch, validUntil), then JSON: the values, the key where it is
 * too long for the store's, the window's edges where there is one.
 */
import type { ResultRow, RowVersion, Value, WindowSpan } from './port.ts'

export interface OnlineRow {
  readonly key: string
  readonly version: RowVersion
  readonly epoch: number
  readonly validUntilMs: number | null
  readonly values: readonly Value[]
  readonly window?: WindowSpan | undefined
}

const HEAD = 40

export function encodeOnlineRow(row: ResultRow, epoch: number, withKey: boolean): Buffer {
  const { window } = row
  const key = withKey ? row.key : null
  const text = JSON.stringify(window ? [row.values, key, [window.startMs, window.endMs]] : key === null ? [row.values] : [row.values, key])
  const out = Buffer.allocUnsafe(HEAD + Buffer.byteLength(text))
  out.writeDoubleLE(row.version[0], 0)
  out.writeDoubleLE(row.version[1], 8)
  out.writeDoubleLE(row.version[2], 16)
  out.writeDoubleLE(epoch, 24)
  out.writeDoubleLE(row.validUntilMs ?? Number.NaN, 32)
  out.write(text, HEAD)
  return out
}

export function decodeOnlineRow(stored: Buffer, key: string): OnlineRow {
  const [values, fullKey, edges] = JSON.parse(stored.toString('utf8', HEAD)) as [Value[], (string | null)?, [number, number]?]
  const validUntil = stored.readDoubleLE(32)
  return {
    key: fullKey ?? key,
    version: [stored.readDoubleLE(0), stored.readDoubleLE(8), stored.readDoubleLE(16)],
    epoch: stored.readDoubleLE(24),
    validUntilMs: Number.isNaN(validUntil) ? null : validUntil,
    values,
    ...(edges && { window: { startMs: edges[0], endMs: edges[1] } }),
  }
}

/** Whether a version is newer than that of a stored row; compared in the order asOf, n, step. */
export function isNewer(version: RowVersion, stored: Buffer): boolean {
  const asOf = stored.readDoubleLE(0)
  if (version[0] !== asOf) return version[0] > asOf
  const n = stored.readDoubleLE(8)
  if (version[1] !== n) return version[1] > n
  return version[2] > stored.readDoubleLE(16)
}
