/** The lines that following a release prints: every step it went through, also those that a poll missed, its backfill by tenths, and what was compared. Pure. */
import { type Comparison, percentOf } from '../../contract/comparison.ts'
import type { Release } from '../../contract/http-api.ts'

type Seen = Pick<Release, 'steps' | 'progress' | 'jobs' | 'comparison'>

export function followedSteps(first: Release['state']): (release: Seen) => string[] {
  const told = new Set<string>([first])
  let tenth = -1
  let compared = 0
  return ({ steps, progress, jobs, comparison }) => {
    const entered = steps.filter(({ state, startedAtMs }) => startedAtMs !== null && !told.has(state))
    for (const { state } of entered) told.add(state)
    const lines = entered.sort((a, b) => a.startedAtMs! - b.startedAtMs!).map(({ state }) => state as string)
    const now =
      progress?.step === 'BACKFILLING' && progress.positionEnd > 0 ? Math.floor((10 * progress.positionRead) / progress.positionEnd) : -1
    if (progress && now > tenth) {
      tenth = now
      const { positionRead, positionEnd, eventsPerSecond, secondsLeft } = progress
      const rate = eventsPerSecond === null ? 'rate unknown' : `${Math.round(eventsPerSecond)} events/s`
      const left = secondsLeft === null ? 'time left unknown' : `${Math.ceil(secondsLeft)} s left`
      const job = jobs.backfill === null ? '' : `job ${jobs.backfill}: `
      lines.push(`  ${job}${positionRead} of ${positionEnd} events, ${rate}, ${left}`)
    }
    if (comparison && comparison.attempt !== compared) {
      compared = comparison.attempt
      lines.push(...comparedLines(comparison))
    }
    return lines
  }
}

function comparedLines({ outcome, keys, sampledKeys, features, blocking }: Comparison): string[] {
  const what = `${keys} keys compared, ${sampledKeys} of new features recomputed`
  if (outcome === 'equal') return [`  ${what}: the values agree`]
  const held = features.filter(({ feature }) => blocking.includes(feature))
  return [
    `  ${what}: the values differ`,
    ...held.map((one) => {
      const percent = (count: number) => `${Number(percentOf(count, one).toFixed(2))} %`
      return `  ${one.feature}: ${percent(one.differing)} differ, ${percent(one.missing)} missing, ${percent(one.extra)} too many`
    }),
  ]
}
