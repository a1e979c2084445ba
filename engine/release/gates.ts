/** The gates of CATCHING_UP as measured in one sample. Pure; what is not known is null and holds nothing. */
import type { z } from 'zod'
import type { Gate as GateShape } from '../../contract/http-api.ts'

export type Gate = z.infer<typeof GateShape>

export interface Sample {
  readonly job2: { readonly lagRecords: number; readonly maxEventTimeMs: number | null; readonly catchingUp: boolean } | null
  /** null: the release replaces no job */
  readonly job1: { readonly maxEventTimeMs: number | null; readonly runs: boolean } | null
}

export interface Thresholds {
  readonly lagRecords: number
  readonly maxEventTimeDeltaMs: number
  readonly samples: number
}

/** Whether all gates hold in this sample, and the gates as they are shown after `heldBefore` samples that held in a row. */
export function measureGates(sample: Sample, limits: Thresholds, heldBefore: number): { holds: boolean; gates: Gate[] } {
  const measured = [{ name: 'lag', measured: lagOf(sample), threshold: limits.lagRecords, unit: 'records' }]
  if (sample.job1) measured.push({ name: 'maxEventTime', measured: deltaOf(sample), threshold: limits.maxEventTimeDeltaMs, unit: 'ms' })
  const isHeld = (gate: (typeof measured)[number]) => gate.measured !== null && gate.measured <= gate.threshold
  const holds = measured.every(isHeld) && sample.job2?.catchingUp === false
  const heldSamples = holds ? Math.min(heldBefore + 1, limits.samples) : 0
  const gates = measured.map(
    (gate): Gate => ({
      ...gate,
      state: !isHeld(gate) ? 'waiting' : heldSamples >= limits.samples ? 'held' : 'measuring',
      heldSamples,
      neededSamples: limits.samples,
    }),
  )
  return { holds, gates }
}

const lagOf = ({ job2 }: Sample): number | null => job2?.lagRecords ?? null

/** A job that stands still may be passed: then only what is missing counts. Neither has seen an event: they are equal. */
function deltaOf({ job1, job2 }: Sample): number | null {
  if (!job1 || !job2) return null
  if (job1.maxEventTimeMs === null) return job1.runs && job2.maxEventTimeMs !== null ? null : 0
  if (job2.maxEventTimeMs === null) return null
  const behindMs = job1.maxEventTimeMs - job2.maxEventTimeMs
  return job1.runs ? Math.abs(behindMs) : Math.max(0, behindMs)
}
