/**
 * Whether a kept state can go on beside what is built from an archive: nothing that it answers from a moment on may depend on rows up to
 * the cut, for those are the archive's, under other positions and with the new features' columns only. Pure.
 */
import { keepsPanes } from './fast-path.ts'
import { oldestNeeded } from './frame.ts'
import type { Plan } from './plan.ts'
import { needsByCount } from './row-need.ts'
import { isLifetime } from './state-change.ts'

/** `momentMs`: no event to come, and no read that is answered, asks for an earlier one. */
export function needsNothingUpTo(cutMs: number, plan: Plan, momentMs: number): boolean {
  if (plan.group || keepsPanes(plan) || needsByCount(plan)) return false
  if (plan.latest.size > 0 || plan.code.length > 0 || plan.aggregates.some((aggregate) => isLifetime(plan, aggregate))) return false
  return oldestNeeded(plan, momentMs) > cutMs
}
