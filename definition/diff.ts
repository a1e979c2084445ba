/** What a new version of a view changes, for a screen: features by meaning (their ids) and by name, and the rest. */
import { canonicalJson, featureIds, sourceMeaning } from './feature-id.ts'
import type { Expr, Feature, ViewDefinition, Window } from './model.ts'
import { printExpr, printGroup, printSource, printWindow } from './print-sql.ts'

export type ChangedPart = 'expression' | 'window' | 'columns' | 'where' | 'key' | 'stream' | 'order'
export type FeatureChange = {
  name: string
  change: 'kept' | 'renamed' | 'added' | 'removed' | 'changed'
  /** The expression as SQL; null where there is none. Where only a window changed, its frame is shown with it. */
  before: string | null
  after: string | null
  /** The old name of a renamed feature. */
  was?: string
  /** For `changed`: what of its meaning is different (`columns`: another column that it uses). */
  parts?: ChangedPart[]
  idBefore?: string
  idAfter?: string
}
export type OtherChange = { what: string; before: string | null; after: string | null }
export type DefinitionDiff = { features: FeatureChange[]; other: OtherChange[]; same: boolean }

/** Both definitions must be sound. Features come in the order of the new version, removed ones last. */
export function diffDefinitions(before: ViewDefinition, after: ViewDefinition): DefinitionDiff {
  const [idsBefore, idsAfter] = [featureIds(before), featureIds(after)]
  const oldByName = new Map(before.features.map((feature, i) => [feature.name, { feature, id: idsBefore[i] ?? '' }]))
  const newNames = new Set(after.features.map(({ name }) => name))
  const renamedFrom = new Set<string>()
  const viewParts = changedViewParts(before, after)

  const features: FeatureChange[] = after.features.map((feature, i) => {
    const id = idsAfter[i] ?? ''
    const old = oldByName.get(feature.name)
    const text = printExpr(feature.expr)
    if (old?.id === id)
      return { name: feature.name, change: 'kept', before: printExpr(old.feature.expr), after: text, idBefore: id, idAfter: id }
    if (old) return changed(old, { feature, id }, before, after, viewParts)
    const twin = before.features.find(({ name }, j) => idsBefore[j] === id && !newNames.has(name) && !renamedFrom.has(name))
    if (!twin) return { name: feature.name, change: 'added', before: null, after: text, idAfter: id }
    renamedFrom.add(twin.name)
    return { name: feature.name, change: 'renamed', was: twin.name, before: printExpr(twin.expr), after: text, idBefore: id, idAfter: id }
  })
  for (const [name, { feature, id }] of oldByName) {
    if (newNames.has(name) || renamedFrom.has(name)) continue
    features.push({ name, change: 'removed', before: printExpr(feature.expr), after: null, idBefore: id })
  }
  const other = otherChanges(before, after)
  return { features, other, same: canonicalJson(before) === canonicalJson(after) }
}

type Identified = { feature: Feature; id: string }

function changed(old: Identified, now: Identified, before: ViewDefinition, after: ViewDefinition, viewParts: ChangedPart[]): FeatureChange {
  const [oldText, newText] = [printExpr(withoutWindows(old.feature.expr)), printExpr(withoutWindows(now.feature.expr))]
  const [oldFrames, newFrames] = [framesOf(old.feature.expr, before), framesOf(now.feature.expr, after)]
  const parts: ChangedPart[] = [...viewParts]
  if (oldText !== newText) parts.push('expression')
  if (oldFrames.join() !== newFrames.join()) parts.push('window')
  if (parts.length === 0) parts.push('columns')
  const show = (expr: Expr, frames: string[]) =>
    parts.includes('window') && frames.length > 0 ? `${printExpr(expr)}  (${[...new Set(frames)].join('; ')})` : printExpr(expr)
  return {
    name: now.feature.name,
    change: 'changed',
    before: show(old.feature.expr, oldFrames),
    after: show(now.feature.expr, newFrames),
    parts,
    idBefore: old.id,
    idAfter: now.id,
  }
}

function changedViewParts(before: ViewDefinition, after: ViewDefinition): ChangedPart[] {
  const parts: ChangedPart[] = []
  if (canonicalJson(sourceMeaning(before)) !== canonicalJson(sourceMeaning(after))) parts.push('stream')
  if (canonicalJson(before.key) !== canonicalJson(after.key)) parts.push('key')
  if (canonicalJson(before.where ?? null) !== canonicalJson(after.where ?? null)) parts.push('where')
  if ((before.hints.order ?? 'arrival') !== (after.hints.order ?? 'arrival')) parts.push('order')
  return parts
}

/** `what` is `stream`, `key`, `where`, `order`, `readClock`, `group` or `window NAME`. */
function otherChanges(before: ViewDefinition, after: ViewDefinition): OtherChange[] {
  const changes: OtherChange[] = []
  const compare = (what: string, old: string | null, now: string | null) => {
    if (old !== now) changes.push({ what, before: old, after: now })
  }
  compare('stream', printSource(before), printSource(after))
  compare('key', before.key.join(', '), after.key.join(', '))
  compare('where', before.where ? printExpr(before.where) : null, after.where ? printExpr(after.where) : null)
  compare('order', before.hints.order ?? null, after.hints.order ?? null)
  compare('readClock', before.hints.readClock ?? null, after.hints.readClock ?? null)
  compare('group', before.group ? printGroup(before.group) : null, after.group ? printGroup(after.group) : null)
  const frame = (windows: readonly Window[], name: string) => {
    const window = windows.find((one) => one.name === name)
    return window ? printWindow(window) : null
  }
  for (const name of new Set([...after.windows, ...before.windows].map((window) => window.name))) {
    compare(`window ${name}`, frame(before.windows, name), frame(after.windows, name))
  }
  return changes
}

function framesOf(expr: Expr, definition: ViewDefinition): string[] {
  const frames: string[] = []
  visit(expr, (node) => {
    if (node.kind !== 'aggregate' && node.kind !== 'windowEdge') return
    if (definition.group) frames.push(printGroup(definition.group))
    if (node.kind !== 'aggregate') return
    const window = definition.windows.find(({ name }) => name === node.window)
    if (window) frames.push(printWindow(window))
  })
  return frames
}

function withoutWindows(expr: Expr): Expr {
  const copy = structuredClone(expr)
  visit(copy, (node) => {
    if (node.kind === 'aggregate') node.window = 'w'
  })
  return copy
}

/** Calls back for an expression and all inside it. */
export function visit(expr: Expr, see: (node: Expr) => void): void {
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('kind' in value) see(value as Expr)
    for (const child of Object.values(value)) walk(child)
  }
  walk(expr)
}
