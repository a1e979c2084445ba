/**
 * The real evaluator over the newest events of a stream's log: read from so far back that the longest window of the first
 * shown event is filled, at most a bound; then one row for each of the last N events.
 */
import type { Cell, PreviewAnswer } from '../../contract/engine-api.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { compileExtractor } from '../compile/extract.ts'
import type { Value } from '../compile/value.ts'
import { planView } from '../plan/plan.ts'
import { RowCollector } from '../replay/output.ts'
import type { ResultRow } from '../sink/port.ts'
import { openEmbeddedSource } from '../source/embedded-source.ts'
import type { RecordBatch, Source } from '../source/port.ts'
import { PlainKeyedOperator } from '../state/plain-operator.ts'
import { Pipeline } from '../task/pipeline.ts'
import { PlainIntake } from '../task/event-intake.ts'
import { SourceSubtask } from '../task/source-task.ts'
import type { PreviewTask } from './preview-task.ts'
import { findStart } from './warm-up.ts'

/** An event that was read, with all fields of the stream. */
export interface ReadEvent {
  readonly partition: number
  readonly offset: number
  readonly values: readonly Value[]
}

export interface PreviewRun {
  /** the last N, in processing order */
  readonly rows: readonly ResultRow[]
  readonly events: readonly ReadEvent[]
  readonly readEvents: number
  readonly refusedEvents: number
  /** the windows reach further back than was read */
  readonly cut: boolean
}

export async function evaluate(task: PreviewTask): Promise<PreviewRun> {
  const { definition, stream } = task.checked
  const source = openEmbeddedSource({ dataDir: task.dataDir, stream: stream.name, partitions: task.partitions })
  try {
    const { from, shownFrom, cut } = await findStart(task, source)
    const events: ReadEvent[] = []
    const tap = tapped(source, task, from, events)
    const plan = planView(definition, stream)
    const collector = new RowCollector()
    const sourceEvaluator = compileEvaluator(plan)
    const subtask = new SourceSubtask(tap, sourceEvaluator, new PlainIntake(sourceEvaluator), {
      outOfOrdernessMs: task.outOfOrdernessMs,
      allowedLatenessMs: task.allowedLatenessMs,
      futureSkewMs: Number.POSITIVE_INFINITY,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      historyEventTimeMs: null,
      deadLetterRateLimit: 1,
      ttlMs: task.ttlMs ?? null,
    })
    const operator = new PlainKeyedOperator({
      evaluator: compileEvaluator(plan),
      order: task.order,
      allowedLatenessMs: task.allowedLatenessMs,
      clockSlackMs: 0,
      ttlMs: task.ttlMs ?? null,
    })
    const pipeline = new Pipeline({
      source: subtask,
      operators: [operator],
      sinks: { rows: [collector], current: [] },
      nowMs: () => 0,
      acknowledge: () => undefined,
    })
    subtask.open(null, 0)
    const rows: ResultRow[] = []
    const take = async (): Promise<void> => {
      await pipeline.drain()
      for (const row of collector.take()) if (row.offset >= (shownFrom[String(row.partition)] ?? 0)) rows.push(row)
    }
    while (pipeline.read(5000, 0) > 0) await take()
    for (let partition = 0; partition < task.partitions; partition++) subtask.watermarks.end(partition)
    pipeline.read(0, 0)
    await take()
    const unused = new Set([...subtask.deadLetters, ...subtask.late].map((event) => `${event.partition}:${event.offset}`))
    return {
      rows: rows.slice(-task.last),
      events: events.filter((event) => !unused.has(`${event.partition}:${event.offset}`)),
      readEvents: subtask.counts.read,
      refusedEvents: subtask.counts.refused,
      cut,
    }
  } finally {
    await source.close()
  }
}

/** The source as the run sees it: begins where the warm-up does, and every event is kept whole for the screen and for DuckDB. */
function tapped(source: Source, task: PreviewTask, from: Record<string, number>, events: ReadEvent[]): Source {
  const { stream } = task.checked
  const eventTimeSlot = stream.fields.findIndex((field) => field.name === stream.eventTime)
  const extractor = compileExtractor({
    stream,
    fields: stream.fields,
    keySlots: [],
    eventTimeSlot,
    where: undefined,
    columns: [],
    latest: new Map(),
    windows: [],
    aggregates: [],
    features: [],
  })
  const viewPlan = planView(task.checked.definition, stream)
  const own = compileExtractor(viewPlan)
  const ownRow: Value[] = []
  const ownSlots = viewPlan.fields.map((field) => stream.fields.findIndex((candidate) => candidate.name === field.name))
  const ends = new Map(source.partitions().map(({ partition, end }) => [partition, end])) // what comes later belongs to the next preview
  const keep = (batch: RecordBatch): void => {
    for (let i = 0; i < batch.count; i++) {
      const values: Value[] = []
      const [start, end] = [batch.valueStart[i] as number, batch.valueEnd[i] as number]
      // A field that this view doesn't read may be bad; the event counts all the same, with what the view reads.
      if (extractor.extract(batch.data, start, end, values) && own.extract(batch.data, start, end, ownRow) === null)
        ownSlots.forEach((slot, o) => {
          values[slot] = ownRow[o] as Value
        })
      events.push({ partition: batch.partition, offset: batch.baseOffset + (batch.offsetDelta[i] as number), values })
    }
  }
  return {
    partitions: () =>
      source.partitions().map((state) => ({
        ...state,
        logStart: from[String(state.partition)] ?? state.logStart,
        end: ends.get(state.partition) ?? state.end,
      })),
    open: (positions) => source.open(positions),
    poll(maxRecords) {
      if (maxRecords === 0) return []
      const batches = source.poll(maxRecords).filter((batch) => batch.baseOffset < (ends.get(batch.partition) ?? 0))
      batches.forEach(keep)
      return batches
    },
    close: async () => undefined,
  }
}

export function previewAnswer(task: PreviewTask, run: PreviewRun, tookMs: number): PreviewAnswer {
  const { definition, stream, featureTypes } = task.checked
  const others = stream.fields
    .map((field, slot) => ({ ...field, slot }))
    .filter((field) => field.name !== stream.eventTime && !definition.key.includes(field.name))
  const byPlace = new Map(run.events.map((event) => [`${event.partition}:${event.offset}`, event]))
  return {
    columns: [
      { name: 'position', type: 'string', role: 'position' },
      { name: stream.eventTime, type: 'timestamp', role: 'event_time' },
      ...definition.key.map((name) => ({
        name,
        type: stream.fields.find((field) => field.name === name)?.type ?? 'string',
        role: 'key' as const,
      })),
      ...others.map((field) => ({ name: field.name, type: field.type, role: 'field' as const })),
      ...featureTypes.map((feature) => ({ name: feature.name, type: feature.type, role: 'feature' as const })),
    ],
    rows: run.rows.map((row) => {
      const event = byPlace.get(`${row.partition}:${row.offset}`)
      return [
        `${row.partition}:${row.offset}`,
        row.eventTimeMs,
        ...(JSON.parse(row.key) as Cell[]),
        ...others.map((field) => (event?.values[field.slot] ?? null) as Cell),
        ...row.values,
      ]
    }),
    readEvents: run.readEvents,
    refusedEvents: run.refusedEvents,
    tookMs,
    problems: run.cut
      ? [
          {
            code: 'preview_cut',
            message: 'The windows reach further back than a preview reads; values of the longest windows count only the events read.',
            line: 1,
            column: 1,
          },
        ]
      : [],
  }
}
