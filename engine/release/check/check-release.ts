/**
 * The check before a release: what it would do, judged against what runs and what is stored now. Answers a question for the screen, and
 * the same refusals are held against the release when its turn comes. Nothing is written.
 */
import type { StreamStats } from '../../../contract/engine-api.ts'
import { EvenflowError } from '../../../contract/errors.ts'
import { endedStates } from '../../../contract/release-machine.ts'
import type { ReleaseCheck } from '../../../contract/release-check.ts'
import { refusal } from '../../../contract/release-words.ts'
import { diffDefinitions } from '../../../definition/diff.ts'
import type { SourceSchema, ViewDefinition } from '../../../definition/model.ts'
import { onlyFeatures } from '../../../definition/restrict.ts'
import { streamsOf, unionPartition } from '../../../definition/union-partitions.ts'
import { ArchiveRefused } from '../../archive/archive-refused.ts'
import { inspectArchive } from '../../archive/inspect-archive.ts'
import { compileEvaluator } from '../../compile/evaluator.ts'
import { fastPathRefusal } from '../../plan/fast-path.ts'
import { planView } from '../../plan/plan.ts'
import { stateChange } from '../../plan/state-change.ts'
import type { PlannedState } from '../../plan/state-size.ts'
import { definitionOf } from '../../supervise/desired-jobs.ts'
import { sourceOf } from '../../supervise/source-streams.ts'
import { forwardRefusal } from '../forward-stream.ts'
import { kindNow } from '../release-kind.ts'
import type { StepContext } from '../release-record.ts'
import { fatesFromSavepoint, featureFates } from './feature-fates.ts'
import { memoryOf, readingOf, togetherOf } from './figures.ts'
import { type ArchiveFinding, type Asked, consumersOf, refusalsOf, warningsOf } from './findings.ts'
import { savepointFinding } from './savepoint-finding.ts'
import { tableFates } from './table-fates.ts'

export interface CheckContext
  extends Pick<StepContext, 'db' | 'dataDir' | 'now' | 'parameters' | 'running' | 'streamStats' | 'webhookHosts'> {
  /** reads of the view that were answered since the engine started; absent: nobody counts */
  readonly readsOf?: (view: string) => Promise<number>
}

export interface AskedRelease extends Asked {
  readonly view: string
  readonly version: number
  /** the release itself, where its row stands already: only those before it are in its way */
  readonly releaseId?: number
}

/** @throws EvenflowError not_found: there is no such view or version */
export async function checkRelease(asked: AskedRelease, context: CheckContext): Promise<ReleaseCheck> {
  const { db } = context
  const view = await db.view.findUnique({ where: { name: asked.view }, include: { stream: true } })
  if (!view) throw new EvenflowError('not_found', `There is no view ${asked.view}.`)
  const definition = await definitionOf(db, view.id, asked.version).catch(() => null)
  if (!definition) throw new EvenflowError('not_found', `Version ${asked.version} of ${asked.view} is not there or cannot be read.`)
  const stream = await sourceOf(db, definition)
  const { historyEventTimeMs } = asked
  const { savepointId } = asked
  const request = {
    ...(historyEventTimeMs !== undefined && { historyEventTimeMs }),
    ...(asked.archive && { archive: asked.archive }),
    ...(savepointId !== undefined && { savepointId }),
  }
  const archive = await archiveOf(asked, definition, stream, context.dataDir)
  const found = archive && 'found' in archive ? archive.found : null
  const ofView = { viewId: view.id, view: view.name, toVersion: asked.version, request }
  const kind = await kindNow(ofView, context, found?.cutAtMs ?? null)
  const before = kind.job1 && { version: kind.job1.version, definition: await definitionOf(db, view.id, kind.job1.version) }
  const streams = await Promise.all(
    [...new Set(streamsOf(definition))].map(async (name) => [name, await context.streamStats(name)] as const),
  )
  const stats = togetherOf(streams.map(([, one]) => one))
  const effective = context.parameters(view.name, definition.hints)

  const wanted = planned(definition, stream)
  const running = before && planned(before.definition, await sourceOf(db, before.definition))
  const goesOn = kind.name === 'new_features' || kind.name === 'rescale'
  const savepoint =
    savepointId === undefined
      ? null
      : await savepointFinding(context, savepointId, {
          viewId: view.id,
          version: asked.version,
          partitions: partitionsRead(definition, new Map(streams)),
        })
  const goesOnFrom = savepoint ? wanted : goesOn ? running : null
  const change = goesOnFrom && stateChange(goesOnFrom.plan, wanted.plan)
  const planOfOnly = (names: readonly string[]) => planView(onlyFeatures(definition, names), stream)
  const isThere = (name: string) => !!running && stateChange(running.plan, planOfOnly([name])).isCovered
  const againstRunning = featureFates(before, definition, goesOn, isThere)
  const features = savepointId === undefined ? againstRunning : fatesFromSavepoint(againstRunning, savepointId)
  const built = features.flatMap(({ name, fate }) => (fate === 'built' || fate === 'changed' ? [name] : []))

  const ahead = await db.release.findFirst({
    where: {
      viewId: view.id,
      state: { notIn: ['DRAFT', ...endedStates] },
      ...(asked.releaseId !== undefined && { id: { lt: asked.releaseId } }),
    },
    orderBy: { id: 'asc' },
    select: { id: true, state: true },
  })
  const memory = await memoryOf(wanted, running, { job1: kind.job1, stats, limitBytes: effective.memoryLimit.value }, context)
  const eventsAfter = savepoint && 'eventsAfter' in savepoint ? savepoint.eventsAfter : null
  const target = effective.forward.value
  const forward =
    target === null ? null : await forwardRefusal(db, { view: view.name, target, definition, stream }, context.webhookHosts ?? [])
  const refusals = refusalsOf(asked, { nowMs: context.now(), ahead, stats, memory, archive, savepoint, forward, features })
  return {
    view: view.name,
    fromVersion: before?.version ?? null,
    toVersion: asked.version,
    kind: kind.name,
    atMs: context.now(),
    readsAgain: kind.because,
    features,
    other: before ? diffDefinitions(before.definition, definition).other : [],
    tables: tableFates(wanted, goesOnFrom?.plan ?? null, change),
    droppedColumns: change?.droppedColumns ?? 0,
    reading: await readingOf(
      { kind, isBuilt: built.length > 0, historyEventTimeMs, eventsAfter, archiveRows: found?.rows ?? 0, stats, view },
      db,
    ),
    archive: found,
    memory,
    consumers: consumersOf(features, effective, (await context.readsOf?.(view.name)) ?? null),
    warnings: warningsOf({
      ahead,
      stats,
      built: built.length > 0 ? planOfOnly(built) : null,
      archive: found,
      isChanceOrder: definition.union !== undefined && effective.order.value === 'arrival',
    }),
    refusals,
    canProceed: refusals.length === 0,
  }
}

async function archiveOf(
  { archive, historyEventTimeMs }: AskedRelease,
  definition: ViewDefinition,
  stream: SourceSchema,
  dataDir: string,
): Promise<ArchiveFinding | null> {
  if (!archive) return null
  if (definition.union) return { refusal: refusal('refused_archive_union', {}) }
  try {
    return { found: await inspectArchive(dataDir, stream, { ...archive, fromMs: historyEventTimeMs }) }
  } catch (error) {
    if (error instanceof ArchiveRefused) return { refusal: error.refusal }
    throw error
  }
}

/** As the job's source numbers them. */
function partitionsRead(definition: ViewDefinition, stats: ReadonlyMap<string, StreamStats>): StreamStats['partitions'] {
  return streamsOf(definition).flatMap((name, branch) =>
    stats.get(name)!.partitions.map((one) => (definition.union ? { ...one, partition: unionPartition(branch, one.partition) } : one)),
  )
}

function planned(definition: ViewDefinition, stream: SourceSchema): PlannedState {
  const plan = planView(definition, stream)
  return { plan, road: fastPathRefusal(plan, compileEvaluator(plan).columnTypes) === null ? 'compiled' : 'plain' }
}
