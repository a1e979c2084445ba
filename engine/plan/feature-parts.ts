/**
 * Which features of a view can be computed apart from each other, each part in a thread of its own with all keys (DESIGN §7, parallel by
 * feature). Features are related where one reads another or both read the same aggregate: those stay together. A part is the view with
 * fewer features: the same rows, windows and moments, so that the parts' results stand for the same events, one by one. Pure.
 */
import type { ViewDefinition } from '../../definition/model.ts'
import { keepsPanes } from './fast-path.ts'
import { type AggregateExpr, aggregateSlot, type Plan, planView } from './plan.ts'
import { stateChange } from './state-change.ts'

/** Why a view is not split by its features, whoever asks for it. */
export type NotSplit = 'one_feature_group' | 'group_by' | 'panes' | 'code'

export function splitRefusal(plan: Plan): NotSplit | null {
  if (plan.group) return 'group_by' // a closed window is kept with the values of all features
  if (keepsPanes(plan)) return 'panes'
  if (plan.code.length > 0) return 'code' // its timers change a key's row where no event comes
  return relatedFeatures(plan).length < 2 ? 'one_feature_group' : null
}

/** Names of features by relation, in the order of the view. */
export function relatedFeatures({ features, aggregates }: Pick<Plan, 'features' | 'aggregates'>): string[][] {
  const groupOf = features.map((_, i) => i)
  const readers = new Map<number, number>()
  const join = (a: number, b: number) => {
    const [to, from] = [Math.min(groupOf[a]!, groupOf[b]!), Math.max(groupOf[a]!, groupOf[b]!)]
    for (let i = 0; i < groupOf.length; i++) if (groupOf[i] === from) groupOf[i] = to
  }
  features.forEach(({ expr }, i) => {
    visit(expr, (node) => {
      if (node.kind === 'feature')
        join(
          i,
          features.findIndex(({ name }) => name === node.name),
        )
      if (node.kind !== 'aggregate') return
      const slot = aggregateSlot(aggregates, node)
      if (readers.has(slot)) join(i, readers.get(slot)!)
      else readers.set(slot, i)
    })
  })
  return [...new Set(groupOf)].map((group) => features.filter((_, i) => groupOf[i] === group).map(({ name }) => name))
}

type Node = AggregateExpr | { kind: 'feature'; name: string } | { kind: 'other' }

/** Every node but those inside an aggregate. */
function visit(value: unknown, each: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return
  const node = value as Node
  if (typeof node.kind === 'string') each(node)
  if (node.kind !== 'aggregate') for (const child of Object.values(value)) visit(child, each)
}

/** The view with these features alone. Its windows stay: they say which rows are kept, and when time alone changes a row. */
export function partDefinition(definition: ViewDefinition, names: readonly string[]): ViewDefinition {
  return { ...definition, features: definition.features.filter(({ name }) => names.includes(name)) }
}

/** What a part keeps of what the whole view keeps: indices there. */
export interface PartOfState {
  readonly features: readonly string[]
  readonly columns: readonly number[]
  readonly aggregates: readonly number[]
  /** how many the whole view has */
  readonly of: { readonly columns: number; readonly aggregates: number }
}

export function partOfState(definition: ViewDefinition, whole: Plan, names: readonly string[]): PartOfState {
  const plan = planView(partDefinition(definition, names), whole.stream)
  return {
    features: names,
    columns: stateChange(whole, plan).columns,
    aggregates: plan.aggregates.map(({ expr }) => aggregateSlot(whole.aggregates, expr)),
    of: { columns: whole.columns.length, aggregates: whole.aggregates.length },
  }
}
