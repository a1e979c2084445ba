/** What a check finds besides figures: what stands in the way, what one should know, who reads. */
import type { StreamStats } from '../../../contract/engine-api.ts'
import type { ArchiveSource } from '../../../contract/archive.ts'
import type { ArchiveFound, FeatureFate, Refusal, ReleaseCheck } from '../../../contract/release-check.ts'
import { refusal, told } from '../../../contract/release-words.ts'
import type { Told } from '../../../contract/told.ts'
import type { ForwardRefusal } from '../../../definition/forward-stream.ts'
import type { EffectiveParameters } from '../../../definition/parameters.ts'
import type { Plan } from '../../plan/plan.ts'
import { isLifetime } from '../../plan/state-change.ts'
import { tablesOf } from '../../plan/tables.ts'
import type { SavepointFinding } from './savepoint-finding.ts'

/** A release of the same view that comes first. */
export interface ReleaseAhead {
  readonly id: number
  readonly state: string
}

export interface Asked {
  readonly historyEventTimeMs?: number | undefined
  readonly savepointId?: number | undefined
  readonly ifBusy?: string | undefined
  /** the consent to give up state of features that the version no longer has */
  readonly allowDroppedState?: boolean | undefined
  readonly archive?: { readonly source: ArchiveSource; readonly maxEventTimeMs?: number | undefined } | undefined
}

/** What an archive that was asked for comes to. */
export type ArchiveFinding = { readonly found: ArchiveFound } | { readonly refusal: Refusal }

export function refusalsOf(
  asked: Asked,
  at: {
    nowMs: number
    ahead: ReleaseAhead | null
    stats: StreamStats
    memory: ReleaseCheck['memory']
    archive: ArchiveFinding | null
    savepoint: SavepointFinding | null
    forward: ForwardRefusal | null
    features: readonly FeatureFate[]
  },
): Refusal[] {
  const { nowMs, ahead, stats, memory, archive, savepoint, forward, features } = at
  const { historyEventTimeMs: historyFromMs } = asked
  const found: Refusal[] = []
  if (ahead && asked.ifBusy === 'refuse') found.push(refusal('refused_busy', { release: ahead.id, state: ahead.state }))
  if (historyFromMs !== undefined && historyFromMs > nowMs) found.push(refusal('refused_future', { historyFromMs }))
  const cutAtMs = asked.archive?.maxEventTimeMs
  if (cutAtMs !== undefined && cutAtMs > nowMs) found.push(refusal('refused_archive_future', { cutAtMs }))
  if (archive && 'refusal' in archive) found.push(archive.refusal)
  if (savepoint && (historyFromMs !== undefined || asked.archive)) found.push(refusal('refused_savepoint_history', {}))
  if (savepoint && 'refusal' in savepoint) found.push(savepoint.refusal)
  const logFromMs = trimmedTo(stats)
  if (!asked.archive && historyFromMs !== undefined && logFromMs !== null && historyFromMs < logFromMs)
    found.push(refusal('refused_log_short', { historyFromMs, logFromMs }))
  const dropped = features.flatMap(({ name, fate }) => (fate === 'dropped' ? [name] : []))
  if (dropped.length > 0 && !asked.allowDroppedState) found.push(refusal('refused_dropped', { features: dropped }))
  const { estimateBytes, limitBytes } = memory
  if (estimateBytes !== null && estimateBytes > limitBytes) found.push(refusal('refused_memory', { estimateBytes, limitBytes }))
  if (forward)
    found.push(refusal(`refused_forward_${forward.code}`, { target: forward.target, ...(forward.field && { field: forward.field }) }))
  return found
}

/** `built`: the plan of what is computed from the log; null: nothing is. */
export function warningsOf(at: {
  ahead: ReleaseAhead | null
  stats: StreamStats
  built: Plan | null
  archive: ArchiveFound | null
  /** several streams, taken as they arrive */
  isChanceOrder: boolean
}): Told[] {
  const { ahead, stats, built, archive, isChanceOrder } = at
  const found: Told[] = []
  if (ahead) found.push(told('warn_waits', { release: ahead.id }))
  if (isChanceOrder) found.push(told('warn_chance_order', {}))
  if (archive) return [...found, ...archiveWarnings(archive, stats)]
  const logFromMs = trimmedTo(stats)
  if (!built || logFromMs === null || stats.maxEventTimeMs === null) return found
  const reachFromMs = stats.maxEventTimeMs - tablesOf(built, 'plain')[0]!.reachMs
  if (reachFromMs < logFromMs) found.push(told('warn_log_short', { reachFromMs, logFromMs }))
  if (built.aggregates.some((aggregate) => isLifetime(built, aggregate))) found.push(told('warn_log_short_for_all_time', { logFromMs }))
  return found
}

function archiveWarnings({ cutAtMs, absent }: ArchiveFound, { minEventTimeMs: logFromMs }: StreamStats): Told[] {
  return [
    ...(logFromMs !== null && cutAtMs < logFromMs ? [told('warn_archive_gap', { cutAtMs, logFromMs })] : []),
    ...(logFromMs !== null && cutAtMs >= logFromMs ? [told('warn_archive_overlap', { cutAtMs })] : []),
    ...(absent.length > 0 ? [told('warn_archive_absent', { fields: absent })] : []),
  ]
}

/** The oldest event time in a log that has lost events to retention; null: it has all that ever came. */
function trimmedTo({ partitions, minEventTimeMs }: StreamStats): number | null {
  return partitions.some(({ start }) => start > 0) ? minEventTimeMs : null
}

export function consumersOf(features: readonly FeatureFate[], effective: EffectiveParameters, reads: number | null): Told[] {
  const gone = features.flatMap(({ name, fate, why }) =>
    fate === 'dropped' ? [name] : why.code === 'kept_renamed' ? [String(why.values.was)] : [],
  )
  return [
    ...(reads === null ? [] : [told('consumer_reads', { reads })]),
    ...(gone.length > 0 ? [told('consumer_gone', { features: gone })] : []),
    ...(effective.onlineStore.value ? [told('consumer_online')] : []),
    ...(effective.history.value ? [told('consumer_history')] : []),
    ...(effective.forward.value !== null ? [told('consumer_forward', { target: effective.forward.value })] : []),
  ]
}
