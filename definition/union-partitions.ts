/**
 * One number for each partition of each stream of a union, so that positions, watermarks and rows are kept as for one stream: the
 * branch first, then the partition, as rows of one millisecond are ordered. A stream that stands in two branches is read twice.
 */
import type { ViewDefinition } from './model.ts'

export const BRANCH_PARTITIONS = 256

/** The streams that a view reads, by branch: one that stands in two branches is there twice. */
export function streamsOf({ stream, union }: Pick<ViewDefinition, 'stream' | 'union'>): string[] {
  return union ? union.map((branch) => branch.stream) : [stream]
}

/** @throws RangeError for a stream with more partitions than a union takes */
export function unionPartition(branch: number, partition: number): number {
  if (partition >= BRANCH_PARTITIONS)
    throw new RangeError(`a union takes ${BRANCH_PARTITIONS} partitions of a stream, not number ${partition}`)
  return branch * BRANCH_PARTITIONS + partition
}

/** The branch of a numbered partition, and the partition of its stream. */
export const branchOf = (numbered: number): number => Math.floor(numbered / BRANCH_PARTITIONS)
export const partitionInBranch = (numbered: number): number => numbered % BRANCH_PARTITIONS

export interface StreamPartition {
  readonly stream: string
  readonly partition: number
}

/** Where a job's partition is. `streams`: those that its view reads, by branch (`streamsOf`); one stream keeps its own numbers. */
export function streamPartition(streams: readonly string[], numbered: number): StreamPartition {
  if (streams.length === 1) return { stream: streams[0]!, partition: numbered }
  return { stream: streams[branchOf(numbered)] ?? `branch ${branchOf(numbered)}`, partition: partitionInBranch(numbered) }
}

/**
 * Positions of one view's job as another one's numbers them; what the other does not read is left out. Where a stream stands in several
 * branches, the farthest of its positions counts.
 */
export function renumbered(
  positions: Readonly<Record<string, number>>,
  from: readonly string[],
  to: readonly string[],
): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [numbered, position] of Object.entries(positions)) {
    const { stream, partition } = streamPartition(from, Number(numbered))
    for (const [branch, name] of to.entries()) {
      if (name !== stream) continue
      const own = String(to.length === 1 ? partition : unionPartition(branch, partition))
      found[own] = Math.max(found[own] ?? 0, position)
    }
  }
  return found
}
