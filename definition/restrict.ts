/** A definition cut down to some of its features: what a backfill computes. */
import type { Expr, ViewDefinition } from './model.ts'

/** These features and the ones that they are derived from, in their order; windows stay, so that as much of each key's past is kept. */
export function onlyFeatures(definition: ViewDefinition, names: readonly string[]): ViewDefinition {
  const wanted = new Set(names)
  // A feature uses only those before it: one walk from the end finds all.
  for (const { name, expr } of definition.features.toReversed()) if (wanted.has(name)) for (const used of featuresIn(expr)) wanted.add(used)
  return { ...definition, features: definition.features.filter(({ name }) => wanted.has(name)) }
}

function featuresIn(expr: Expr): string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as { kind?: unknown; name?: unknown }
    if (node.kind === 'feature') found.push(String(node.name))
    for (const child of Object.values(value)) walk(child)
  }
  walk(expr)
  return found
}
