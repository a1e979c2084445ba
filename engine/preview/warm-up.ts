import { ignoresFrame } from '../../definition/functions.ts'
import { roughMs } from '../../definition/interval.ts'
import { branchOf } from '../../definition/union-partitions.ts'
import { rowBranches } from '../compile/branch-extractors.ts'
import { compileExtractor } from '../compile/extract.ts'
import { newCounters, type Value } from '../compile/value.ts'
import { planBranches } from '../plan/branches.ts'
import { planView } from '../plan/plan.ts'
import type { RecordBatch, Source } from '../source/port.ts'
import { openTask, type PreviewTask } from './preview-task.ts'

/** More events than this are not read for a preview, whatever the windows. */
const MAX_EVENTS = 1_000_000
/** Of a view with GROUP BY: so many windows, or gaps of sessions, are read before the newest events. */
const SHOWN_WINDOWS = 20
const SHOWN_GAPS = 100
const MONTH_MS = 31 * 86_400_000

/**
 * How far back to begin: by steps, until a step's events are all older than the first shown one less the longest window. Before
 * `wholeFromMs` there may be events that are not read: windows of GROUP BY that begin before it are not whole.
 */
export async function findStart(
  task: PreviewTask,
  source: Source,
): Promise<{ from: Record<string, number>; shownFrom: Record<string, number>; wholeFromMs: number; cut: boolean }> {
  const reach = longestWindowMs(task)
  const partitions = source.partitions()
  const share = Math.ceil(task.last / partitions.length)
  const from: Record<string, number> = {}
  const shownFrom: Record<string, number> = {}
  let cut = false
  let wholeFromMs = Number.NEGATIVE_INFINITY
  for (const { partition, logStart, end } of partitions) {
    const shown = Math.max(logStart, end - share)
    shownFrom[String(partition)] = shown
    const budget = Math.floor(MAX_EVENTS / partitions.length)
    const neededMs =
      (await timesOf(task, partition, shown, Math.min(end, shown + share))).min - reach - task.outOfOrdernessMs - task.allowedLatenessMs
    let begin = shown
    while (begin > logStart && shown - begin < budget) {
      // A probe of a few hundred events is enough to see where the log stands in event time.
      const next = Math.max(logStart, begin - Math.max(2000, shown - begin))
      const probe = await timesOf(task, partition, next, Math.min(begin, next + 500))
      begin = next
      if (probe.max < neededMs) break
    }
    const bound = Math.max(logStart, shown - budget)
    if (begin < bound) begin = bound
    if (begin > logStart) {
      const { max } = await timesOf(task, partition, begin, begin + 200)
      if (max >= neededMs) cut = true
      wholeFromMs = Math.max(wholeFromMs, max + task.outOfOrdernessMs)
    }
    from[String(partition)] = begin
  }
  return { from, shownFrom, wholeFromMs, cut }
}

async function timesOf(task: PreviewTask, partition: number, from: number, to: number): Promise<{ min: number; max: number }> {
  const probe = openTask(task)
  const eventTimeMs = eventTimes(task.checked)
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  probe.open(Object.fromEntries(probe.partitions().map((state) => [state.partition, state.partition === partition ? from : state.end])))
  for (let left = to - from; left > 0; ) {
    const batches = probe.poll(Math.min(left, 5000)).filter((batch) => batch.partition === partition)
    if (batches.length === 0) break
    for (const batch of batches) {
      left -= batch.count
      for (let i = 0; i < batch.count; i++) {
        const timeMs = eventTimeMs(batch, i)
        if (timeMs === null) continue
        min = Math.min(min, timeMs)
        max = Math.max(max, timeMs)
      }
    }
  }
  await probe.close()
  return { min, max }
}

/** The event time of record i, of whatever branch; null: it has none. */
function eventTimes({ definition, stream }: PreviewTask['checked']): (batch: RecordBatch, i: number) => number | null {
  const fields = stream.fields.filter((field) => field.name === stream.eventTime)
  const time = { stream, fields, keySlots: [], eventTimeSlot: 0 }
  const row: Value[] = []
  const branches = rowBranches({ ...time, branches: planBranches(definition, stream, fields) }, newCounters(), row)
  const extractor = compileExtractor(time)
  return ({ partition, data, valueStart, valueEnd }, i) => {
    const [start, end] = [valueStart[i] as number, valueEnd[i] as number]
    const refusal = branches ? branches[branchOf(partition)]!.extract(data, start, end) : extractor.extract(data, start, end, row)
    return refusal === null ? (row[0] as number) : null
  }
}

function longestWindowMs({ checked }: PreviewTask): number {
  const { aggregates, code } = planView(checked.definition, checked.stream)
  const { group } = checked.definition
  if (group) return group.kind === 'session' ? SHOWN_GAPS * roughMs(group.gap) : SHOWN_WINDOWS * roughMs(group.size)
  if (code.length > 0 || aggregates.some(({ expr }) => ignoresFrame(expr.fn))) return Number.POSITIVE_INFINITY
  return Math.max(
    0,
    ...checked.definition.windows.map(({ mode, start }) => {
      if (mode === 'rows' || start.kind === 'unbounded') return Number.POSITIVE_INFINITY // so many rows may lie anywhere
      return start.kind === 'current' ? 0 : start.interval.months * MONTH_MS + start.interval.days * 86_400_000 + start.interval.ms
    }),
  )
}
