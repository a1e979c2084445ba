/** Where a job stands on its stream: positions over ends, all partitions together. Pure. */
export type StreamPosition = { position: number; end: number; share: number }

/** Events that a job which begins at a savepoint does not read any more: those before its positions. null: it begins at none. */
export function refusedByPosition(facts: readonly { kind: string; payload: Record<string, unknown> }[]): number | null {
  const positions = facts.find(({ kind, payload }) => kind === 'state' && payload.positions)?.payload.positions
  return positions ? Object.values(positions as Record<string, number>).reduce((sum, position) => sum + position, 0) : null
}

/** null: no report, so nothing is known. An empty stream is read to its end. The bar never passes the head. */
export function streamShare(partitions: readonly { position: number; endOffset: number }[] | null): StreamPosition | null {
  if (partitions === null || partitions.length === 0) return null
  let position = 0
  let end = 0
  for (const partition of partitions) {
    position += partition.position
    end += partition.endOffset
  }
  return { position, end, share: end <= 0 ? 1 : Math.min(1, Math.max(0, position / end)) }
}
