/** Lists are { items, nextCursor? }; the cursor is the id of the last row given. */
export const pageSize = (limit: number | undefined, most = 200): number => Math.min(Math.max(limit ?? 50, 1), most)

/** `rows` holds one more than asked for when there are more. */
export function page<Row extends { id: number }, Item>(
  rows: Row[],
  size: number,
  shape: (row: Row) => Item,
): { items: Item[]; nextCursor?: string } {
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  return { items: shown.map(shape), ...(rows.length > size && last && { nextCursor: String(last.id) }) }
}

export const before = (cursor: number | undefined) => (cursor === undefined ? {} : { id: { lt: cursor } })
