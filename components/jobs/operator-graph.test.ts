import { expect, it } from 'vitest'
import { operatorChain } from './operator-graph.ts'

const node = (operator: string, busyShare: number) => ({ operator, recordsIn: 1, recordsOut: 1, recordsPerSecond: 10, busyShare })

it('puts operators in the order of the data, whatever order they are reported in', () => {
  const { nodes, edges } = operatorChain([node('sink', 0.1), node('source', 0.2), node('keyed', 0.3)])
  expect(nodes.map((one) => one.operator)).toEqual(['source', 'keyed', 'sink'])
  expect(edges.map((edge) => [edge.from, edge.to, edge.bottleneck])).toEqual([
    ['source', 'keyed', false],
    ['keyed', 'sink', false],
  ])
})
it('names the busiest operator as what holds the others up, only when it is busy', () => {
  expect(operatorChain([node('source', 0.2), node('keyed', 0.95), node('sink', 0.1)]).edges[0]?.bottleneck).toBe(true)
  expect(operatorChain([node('source', 0.2), node('keyed', 0.5)]).edges[0]?.bottleneck).toBe(false)
})
it('draws nothing of nothing', () => {
  expect(operatorChain([])).toEqual({ nodes: [], edges: [] })
})
