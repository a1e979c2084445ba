/** The whole comparison of two jobs that stand at one position vector. */
import type { Comparison } from '../../contract/comparison.ts'
import { featureIds } from '../../definition/feature-id.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import type { Plan } from '../plan/plan.ts'
import type { Source } from '../source/port.ts'
import { compareKept, valuesOfRow } from './compare-kept.ts'
import { compareNew } from './compare-new.ts'
import type { ComparedJob, CompareTask } from './compare-task.ts'
import { blockingFeatures } from './feature-tally.ts'
import { commonInstant } from './instant.ts'
import { openSavepointValues } from './savepoint-values.ts'
import type { ServedValues } from './served-values.ts'

/** So long the new job is held for questions. */
const SERVED_WITHIN_MS = 20_000

export interface CompareDeps {
  readonly fs: SnapshotFs
  /** the stream up to the positions, to be read again */
  readonly log: () => Promise<Source>
  /** reads of the new job */
  readonly serve: (plan: Plan, atMs: number) => ServedValues
  readonly monotonicMs: () => number
  /** the new job is asked nothing more */
  readonly served: () => void
}

/** @throws SnapshotError, DifferentWatermarks, GoneAtInstant, JobUnreachable, EvenflowError: nothing is known then, another cut may do */
export async function compareJobs(task: CompareTask, { fs, log, serve, monotonicMs, served: allServed }: CompareDeps): Promise<Comparison> {
  const startMs = monotonicMs()
  const two = await openSavepointValues(fs, task, task.job2)
  const one = task.job1 && keepsSome(task.job1, task.job2) ? await openSavepointValues(fs, task, task.job1) : null
  const evaluatedAtMs = commonInstant(one ? [one, two] : [two])
  const served = serve(two.plan, evaluatedAtMs)
  try {
    const askFromMs = monotonicMs()
    const mayAsk = () => monotonicMs() - askFromMs < SERVED_WITHIN_MS
    const kept = await compareKept(task, { one, two }, { served, atMs: evaluatedAtMs, mayAsk })
    const answers = await served.read(kept.sample.keys)
    allServed()
    const found = new Map(kept.sample.keys.map((key, i) => [key, valuesOfRow(two.plan.features, answers[i]!)]))
    const names = new Set(kept.features.map(({ feature }) => feature))
    const source = await log()
    const added = await compareNew(task, two, { sample: kept.sample, found }, { kept: names, atMs: evaluatedAtMs, log: source })
    await source.close()
    const features = [...kept.features, ...added.features]
    const blocking = blockingFeatures(features, task.tolerancePercent)
    return {
      attempt: task.attempt,
      outcome: blocking.length === 0 ? 'equal' : 'differs',
      blocking,
      positions: task.job2.positions,
      evaluatedAtMs,
      keys: kept.keys,
      servedKeys: kept.servedKeys,
      sampledKeys: added.sampledKeys,
      eventsRead: added.eventsRead,
      tolerancePercent: task.tolerancePercent,
      features,
      tookMs: monotonicMs() - startMs,
    }
  } finally {
    served.close()
  }
}

/** Versions without a feature in common may read other streams, and know other instants. */
function keepsSome(one: ComparedJob, two: ComparedJob): boolean {
  const ids = new Set(featureIds(one.definition))
  return featureIds(two.definition).some((id) => ids.has(id))
}
