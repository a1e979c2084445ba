/**
 * Where to begin reading a log of which only events from an instant on matter: found backwards, by steps that double, with a probe of a few
 * hundred events at each. Events stand nearly in order of time; how far they do not is the caller's to take off the instant.
 */
import type { Evaluator } from '../compile/evaluator.ts'
import type { Positions, Source } from '../source/port.ts'
import { PlainIntake } from '../task/event-intake.ts'

const FIRST_STEP = 2000
const PROBE_RECORDS = 300

/** By partition; its log's start where no probe is older. */
export function readingStart(log: Source, evaluator: Evaluator, fromMs: number): Positions {
  const partitions = log.partitions()
  const ends = Object.fromEntries(partitions.map(({ partition, end }) => [String(partition), end]))
  if (fromMs === Number.NEGATIVE_INFINITY)
    return Object.fromEntries(partitions.map(({ partition, logStart }) => [String(partition), logStart]))
  const intake = new PlainIntake(evaluator)
  return Object.fromEntries(
    partitions.map(({ partition, logStart, end }) => {
      let begin = end
      for (let step = FIRST_STEP; begin > logStart; step *= 2) {
        begin = Math.max(logStart, begin - step)
        log.open({ ...ends, [String(partition)]: begin })
        if (newestOf(log, intake) < fromMs) break
      }
      return [String(partition), begin]
    }),
  )
}

/** −Infinity where no event could be read. */
function newestOf(log: Source, intake: PlainIntake): number {
  let newest = Number.NEGATIVE_INFINITY
  for (const records of log.poll(PROBE_RECORDS)) {
    intake.begin(records)
    for (let i = 0; i < records.count; i++) if (intake.extract(i) === null) newest = Math.max(newest, intake.eventTimeMs())
  }
  return newest
}

/** The source as it is from these positions on. */
export function startingAt(log: Source, start: Positions): Source {
  return {
    ...log,
    partitions: () => log.partitions().map((state) => ({ ...state, logStart: start[String(state.partition)] ?? state.logStart })),
  }
}
