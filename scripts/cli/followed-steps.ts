/** The lines that following a release prints: every step it went through, also those that a poll missed, and its backfill by tenths. Pure. */
import type { Release } from '../../contract/http-api.ts'

type Seen = Pick<Release, 'steps' | 'progress' | 'jobs'>

export function followedSteps(first: Release['state']): (release: Seen) => string[] {
  const told = new Set<string>([first])
  let tenth = -1
  return ({ steps, progress, jobs }) => {
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
    return lines
  }
}
