/** Several sources as one, for a view over a union: partitions are numbered by branch (definition/union-partitions.ts). */
import { branchOf, partitionInBranch, unionPartition } from '../../definition/union-partitions.ts'
import { PositionOutOfRange, type Positions, type RecordBatch, type Source } from './port.ts'

export interface BranchSource {
  readonly stream: string
  readonly source: Source
}

/** `branches` in the order of the view's; a stream that stands in two of them is read by each. */
export function unionSource(branches: readonly BranchSource[]): Source {
  let turn = 0
  const numbered = <T extends { readonly partition: number }>(branch: number, of: T): T => ({
    ...of,
    partition: unionPartition(branch, of.partition),
  })
  /** A position that is not in the log is told with its stream. */
  const named = <T>(branch: number, use: (source: Source) => T): T => {
    const { stream, source } = branches[branch]!
    try {
      return use(source)
    } catch (error) {
      if (!(error instanceof PositionOutOfRange)) throw error
      const { partition, position, logStart, end } = error
      throw new PositionOutOfRange({ partition, position, logStart, end, stream })
    }
  }
  return {
    partitions: () => branches.flatMap(({ source }, branch) => source.partitions().map((state) => numbered(branch, state))),
    open(from) {
      for (const branch of branches.keys()) named(branch, (source) => source.open(positionsOf(from, branch)))
    },
    poll(maxRecords) {
      const batches: RecordBatch[] = []
      let left = maxRecords
      for (let i = 0; i < branches.length; i++) {
        const branch = (turn + i) % branches.length
        // each gets its share of what is left, so that one that is far behind does not stop the others' watermarks
        const share = Math.ceil(left / (branches.length - i))
        for (const batch of share > 0 ? named(branch, (source) => source.poll(share)) : []) {
          batches.push(numbered(branch, batch))
          left -= batch.count
        }
      }
      turn = (turn + 1) % branches.length
      return batches
    },
    async close() {
      for (const { source } of branches) await source.close()
    },
  }
}

function positionsOf(positions: Positions, branch: number): Positions {
  const own = Object.entries(positions).filter(([numbered]) => branchOf(Number(numbered)) === branch)
  return Object.fromEntries(own.map(([numbered, position]) => [String(partitionInBranch(Number(numbered))), position]))
}
