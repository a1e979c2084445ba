import type { EventColumns } from './record-batch.ts'

/** Values side by side in one buffer, as the log takes them. */
export function columnsOf(values: readonly (Uint8Array | string)[]): EventColumns {
  const buffers = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))
  const start = new Int32Array(buffers.length)
  const end = new Int32Array(buffers.length)
  let at = 0
  buffers.forEach((buffer, i) => {
    start[i] = at
    at += buffer.length
    end[i] = at
  })
  return { data: Buffer.concat(buffers, at), start, end, count: buffers.length }
}
