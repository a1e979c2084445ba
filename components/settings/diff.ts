/** Two JSON values → the paths at which they differ, readable. Pure. */
export type Change = { path: string; before: string | null; after: string | null }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, each] of Object.entries(value))
      flatten(each, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, into)
    return
  }
  if (isObject(value) && path === '') return
  if (value !== undefined) into.set(path, typeof value === 'string' ? value : JSON.stringify(value))
}

/** null or undefined on one side: that side has nothing, so all of the other is new (or gone). In the order of the paths as met. */
export function changes(before: unknown, after: unknown): Change[] {
  const [left, right] = [new Map<string, string>(), new Map<string, string>()]
  if (before !== null && before !== undefined) flatten(before, '', left)
  if (after !== null && after !== undefined) flatten(after, '', right)
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((path) => {
    const [was, is] = [left.get(path) ?? null, right.get(path) ?? null]
    return was === is ? [] : [{ path, before: was, after: is }]
  })
}
