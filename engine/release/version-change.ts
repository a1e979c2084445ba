/** What becomes of a running version's state when another version is released: judged by what features mean, and by what plans keep. */
import { featureIds } from '../../definition/feature-id.ts'
import { planView } from '../plan/plan.ts'
import { type StateRefusal, stateChange } from '../plan/state-change.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { sourceOf } from '../supervise/source-streams.ts'
import type { StepContext } from './release-record.ts'

export interface VersionChange {
  /** features that both versions have, by the names of the new one */
  readonly kept: readonly string[]
  /** features whose values have to be computed for what has already been read */
  readonly built: readonly string[]
  /** features of the old version that the new one has not */
  readonly dropped: readonly string[]
  /** true: their state is there already, only past results are missing */
  readonly stateIsThere: boolean
  /** why the new job cannot begin with the old one's state; null: it can */
  readonly refusal: StateRefusal | 'again_order' | null
}

export async function versionChange(
  { db, parameters }: Pick<StepContext, 'db' | 'parameters'>,
  view: { id: string; name: string },
  fromVersion: number,
  toVersion: number,
): Promise<VersionChange> {
  const [from, to] = [await definitionOf(db, view.id, fromVersion), await definitionOf(db, view.id, toVersion)]
  const [idsBefore, ids] = [featureIds(from), featureIds(to)]
  const isKept = (i: number) => idsBefore.includes(ids[i]!)
  const names = to.features.map(({ name }) => name)
  const change = stateChange(planView(from, await sourceOf(db, from)), planView(to, await sourceOf(db, to)))
  const sameOrder = parameters(view.name, from.hints).order.value === parameters(view.name, to.hints).order.value
  return {
    kept: names.filter((_, i) => isKept(i)),
    built: names.filter((_, i) => !isKept(i)),
    dropped: from.features.filter((_, i) => !ids.includes(idsBefore[i]!)).map(({ name }) => name),
    stateIsThere: change.isCovered,
    refusal: sameOrder ? change.refusal : 'again_order',
  }
}
