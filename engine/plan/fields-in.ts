import type { Expr } from '../../definition/model.ts'

/** Names of the fields that an expression reads, each once. */
export function fieldsIn(expr: Expr): string[] {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as { kind?: string; name?: string }
    if (node.kind === 'field') names.add(node.name!)
    for (const child of Object.values(value)) walk(child)
  }
  walk(expr)
  return [...names]
}
