/** What becomes of each feature's state, and why. Pure. */
import type { FeatureFate } from '../../../contract/release-check.ts'
import { told } from '../../../contract/release-words.ts'
import type { Told } from '../../../contract/told.ts'
import { diffDefinitions } from '../../../definition/diff.ts'
import type { ViewDefinition } from '../../../definition/model.ts'
import { printExpr } from '../../../definition/print-sql.ts'

export interface Running {
  readonly version: number
  readonly definition: ViewDefinition
}

/** `goesOn`: the new job begins with the running one's state. `isThere`: all that this feature reads is kept already. */
export function featureFates(
  running: Running | null,
  wanted: ViewDefinition,
  goesOn: boolean,
  isThere: (feature: string) => boolean,
): FeatureFate[] {
  if (!running)
    return wanted.features.map(({ name, expr }) => ({ name, fate: 'built', why: told('read_first'), before: null, after: printExpr(expr) }))
  const { version, definition } = running
  return diffDefinitions(definition, wanted).features.map(({ name, change, before, after, was }): FeatureFate => {
    const is = (fate: FeatureFate['fate'], why: Told): FeatureFate => ({ name, fate, why, before, after })
    if (change === 'removed') return is('dropped', told('dropped_absent', { version }))
    if (change === 'changed') return is('changed', told('changed_meaning', { version }))
    if (!goesOn) return is('built', told('read_again'))
    if (change === 'added') return is('built', told(isThere(name) ? 'built_state_there' : 'built_from_log'))
    return is('kept', change === 'renamed' ? told('kept_renamed', { was: was ?? '', version }) : told('kept_same', { version }))
  })
}

/** A release that begins with a savepoint of its version has all its state from there. */
export function fatesFromSavepoint(fates: readonly FeatureFate[], savepoint: number): FeatureFate[] {
  return fates.map((one) => (one.fate === 'dropped' ? one : { ...one, fate: 'kept', why: told('kept_savepoint', { savepoint }) }))
}
