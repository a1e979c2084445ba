/** The operators of a job in the order of the data: source → keyed → sink. Pure. */
import type { JobMetrics } from '../../contract/job-ipc.ts'

export type OperatorNode = JobMetrics['operators'][number]
const order = ['source', 'keyed', 'sink']
/** For sorting: unknown operators come last. */
export const operatorRank = (operator: string): number => (order.includes(operator) ? order.indexOf(operator) : order.length)

export function operatorChain(operators: readonly OperatorNode[]): {
  nodes: OperatorNode[]
  edges: { from: string; to: string; recordsPerSecond: number; bottleneck: boolean }[]
} {
  const nodes = operators.toSorted((a, b) => operatorRank(a.operator) - operatorRank(b.operator))
  const busiest = Math.max(0, ...nodes.map((node) => node.busyShare))
  const edges = nodes.slice(1).map((node, i) => {
    const from = nodes[i] as OperatorNode
    return {
      from: from.operator,
      to: node.operator,
      recordsPerSecond: from.recordsPerSecond,
      bottleneck: node.busyShare === busiest && node.busyShare >= 0.8,
    }
  })
  return { nodes, edges }
}
