/** Counts, per feature, how the new job's values stand to those that they are held against. Pure. */
import type { ComparedExample, ComparedFeature } from '../../contract/comparison.ts'
import type { FeatureRow } from '../../contract/engine-api.ts'
import type { Value } from '../sink/port.ts'
import { sameValue } from '../preview/duckdb-values.ts'

const MAX_EXAMPLES = 5

/** What one side has of a key; null: it does not know the key. */
export type ValueOfKey = { readonly value: Value } | null

export interface ReadingOfKey {
  readonly status: FeatureRow['status']
  readonly value: Value
}

export class FeatureTally {
  private readonly what: Pick<ComparedFeature, 'feature' | 'role' | 'against'>
  private readonly type: string
  private keys = 0
  private readonly counts = { differing: 0, missing: 0, extra: 0 }
  private pairs = 0
  private smapeSum = 0
  private readonly examples: ComparedExample[] = []

  /** `type`: of its values, as definitions say it */
  constructor(what: Pick<ComparedFeature, 'feature' | 'role' | 'against'>, type: string) {
    this.what = what
    this.type = type
  }

  /** A key that neither side knows is none. `example`: what is shown of it where it differs. */
  add(expected: ValueOfKey, found: ValueOfKey, example: () => Pick<ComparedExample, 'key' | 'window'>): void {
    if (!expected && !found) return
    this.keys++
    if (expected && found) this.addPair(expected.value, found.value)
    if (expected && found && sameValue(expected.value, found.value, this.type)) return
    const how = !found ? 'missing' : !expected ? 'extra' : 'differs'
    this.counts[how === 'differs' ? 'differing' : how]++
    if (this.examples.length < MAX_EXAMPLES) this.examples.push({ ...example(), how, expected: shown(expected), found: shown(found) })
  }

  /** A key with nothing in its windows reads as one that is not known: it can only be missing where there is something. */
  addReadings(expected: ReadingOfKey, found: ReadingOfKey, example: () => Pick<ComparedExample, 'key' | 'window'>): void {
    const isMissing = found.status === 'UNKNOWN_KEY' && expected.status === 'PRESENT'
    const isExtra = expected.status === 'UNKNOWN_KEY' && found.status === 'PRESENT'
    this.add(isExtra ? null : expected, isMissing ? null : found, example)
  }

  private addPair(expected: Value, found: Value): void {
    if (typeof expected !== 'number' || typeof found !== 'number') return
    this.pairs++
    const size = Math.abs(expected) + Math.abs(found)
    if (size > 0) this.smapeSum += (200 * Math.abs(expected - found)) / size
  }

  get result(): ComparedFeature {
    const { keys, counts, pairs, smapeSum, examples } = this
    return { ...this.what, keys, ...counts, smapePercent: pairs === 0 ? null : smapeSum / pairs, examples }
  }
}

const shown = (side: ValueOfKey): Value => (side ? side.value : null)

/** Those that hold a release back: kept ones must be equal, new ones may differ in so many percent of their keys. */
export function blockingFeatures(features: readonly ComparedFeature[], tolerancePercent: number): string[] {
  return features
    .filter(({ role, keys, differing, missing, extra }) => {
      const off = differing + missing + extra
      return role === 'kept' ? off > 0 : off * 100 > tolerancePercent * keys
    })
    .map(({ feature }) => feature)
}
