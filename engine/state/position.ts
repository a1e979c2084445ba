/** A row's place in the order of its key's rows of one millisecond, as one number: partition, then offset. Exact below 2^12 partitions of 2^41 records. */
const OFFSETS = 2 ** 41
const PARTITIONS = 2 ** 12

export function positionOf(partition: number, offset: number): number {
  if (partition >= PARTITIONS || offset >= OFFSETS) {
    throw new Error(`partition ${partition}, offset ${offset}: the compiled operator counts ${PARTITIONS} partitions of 2^41 records`)
  }
  return partition * OFFSETS + offset
}

export const partitionOf = (position: number): number => Math.floor(position / OFFSETS)
export const offsetOf = (position: number): number => position % OFFSETS
