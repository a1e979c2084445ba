/**
 * How deep data may be nested: beyond it the recursion of checks and schemas would be at risk.
 * A chain of n operators is n levels of a definition, and two or three times that in PostgreSQL's tree.
 */
export const MAX_DEFINITION_DEPTH = 500
export const MAX_TREE_DEPTH = 1200

/** Without recursion of its own. */
export function isDeeper(data: unknown, than: number): boolean {
  const stack: [unknown, number][] = [[data, 1]]
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [value, depth] = top
    if (typeof value !== 'object' || value === null) continue
    if (depth > than) return true
    for (const child of Object.values(value)) stack.push([child, depth + 1])
  }
  return false
}
