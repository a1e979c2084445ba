/**
 * The real evaluator over the newest events of a stream's log: read from so far back that the longest window of the first
 * shown event is filled, at most a bound; then one row for each of the last N events.
 */
import type { Cell, PreviewAnswer } from '../../contract/engine-api.ts'
import type { Problem } from '../../definition/model.ts'
import { streamPartition, streamsOf } from '../../definition/union-partitions.ts'
import { CodeFeatures } from '../code/code-features.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import type { Value } from '../compile/value.ts'
import type { PlannedGroup } from '../plan/group.ts'
import { planView } from '../plan/plan.ts'
import { RowCollector } from '../replay/output.ts'
import type { ResultRow, WindowSpan } from '../sink/port.ts'
import type { RecordBatch, Source } from '../source/port.ts'
import { putWindow } from '../state/closed-windows.ts'
import { PlainKeyedOperator } from '../state/plain-operator.ts'
import { WindowOperator } from '../state/window-operator.ts'
import { Pipeline } from '../task/pipeline.ts'
import { PlainIntake } from '../task/event-intake.ts'
import { SourceSubtask } from '../task/source-task.ts'
import { openTask, type PreviewTask } from './preview-task.ts'
import { findStart } from './warm-up.ts'
import { wholeEvents } from './whole-event.ts'

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
  /** how far the events had come before the end was taken for the end of the stream */
  readonly watermarkMs: number
  /** what features in TypeScript threw, by event */
  readonly throws: readonly string[]
}

/** What the screen names a row by. */
export function positionText({ definition }: PreviewTask['checked'], { window, partition, offset }: ResultRow): string {
  const iso = (ms: number) => new Date(ms).toISOString()
  if (window) return `${iso(window.startMs)} – ${iso(window.endMs)}`
  const place = streamPartition(streamsOf(definition), partition)
  return `${definition.union ? `${place.stream} ` : ''}${place.partition}:${offset}`
}

/** Each window once, as it was last given, and none that may have begun before the events that were read. */
function wholeWindows(group: PlannedGroup, rows: readonly ResultRow[], wholeFromMs: number): ResultRow[] {
  const isSession = group.kind === 'session'
  const byKey = new Map<string, (WindowSpan & { row: ResultRow })[]>()
  const firstStartMs = wholeFromMs + (isSession ? group.gapMs : 0)
  for (const row of rows) {
    const known = byKey.get(row.key) ?? []
    byKey.set(row.key, known)
    putWindow(known, { ...row.window!, row }, isSession)
  }
  const last = new Set([...byKey.values()].flat().flatMap(({ startMs, row }) => (startMs >= firstStartMs ? [row] : [])))
  return rows.filter((row) => last.has(row))
}

export async function evaluate(task: PreviewTask): Promise<PreviewRun> {
  const { definition, stream } = task.checked
  const source = openTask(task)
  try {
    const { from, shownFrom, wholeFromMs, cut } = await findStart(task, source)
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
    const evaluator = compileEvaluator(plan)
    const options = {
      evaluator,
      order: task.order,
      allowedLatenessMs: task.allowedLatenessMs,
      clockSlackMs: 0,
      ttlMs: task.ttlMs ?? null,
    }
    const code = plan.code.length > 0 ? new CodeFeatures({ plan, counters: evaluator.counters }) : undefined
    const operator = plan.group ? new WindowOperator(options) : new PlainKeyedOperator({ ...options, code })
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
      for (const row of collector.take()) if (plan.group || row.offset >= (shownFrom[String(row.partition)] ?? 0)) rows.push(row)
    }
    while (pipeline.read(5000, 0) > 0) await take()
    const watermarkMs = subtask.watermarks.watermarkMs
    for (const { partition } of source.partitions()) subtask.watermarks.end(partition)
    pipeline.read(0, 0)
    await take()
    const unused = new Set([...subtask.deadLetters, ...subtask.late].map((event) => `${event.partition}:${event.offset}`))
    return {
      rows: (plan.group ? wholeWindows(plan.group, rows, wholeFromMs) : rows).slice(-task.last),
      events: events.filter((event) => !unused.has(`${event.partition}:${event.offset}`)),
      readEvents: subtask.counts.read,
      refusedEvents: subtask.counts.refused,
      cut: cut && !plan.group, // there a window that begins before what was read is left out
      watermarkMs,
      throws: pipeline.sink.deadLetters.map(({ message }) => message),
    }
  } finally {
    await source.close()
  }
}

/** The source as the run sees it: begins where the warm-up does, and every event is kept whole for the screen and for DuckDB. */
function tapped(source: Source, task: PreviewTask, from: Record<string, number>, events: ReadEvent[]): Source {
  const read = wholeEvents(task)
  const ends = new Map(source.partitions().map(({ partition, end }) => [partition, end])) // what comes later belongs to the next preview
  const keep = (batch: RecordBatch): void => {
    for (let i = 0; i < batch.count; i++) {
      const values = read(batch, i)
      if (values) events.push({ partition: batch.partition, offset: batch.baseOffset + (batch.offsetDelta[i] as number), values })
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
    .filter((field) => !definition.group && field.name !== stream.eventTime && !definition.key.includes(field.name))
  const byPlace = new Map(run.events.map((event) => [`${event.partition}:${event.offset}`, event]))
  return {
    columns: [
      ...(definition.group
        ? (['window_start', 'window_end'] as const).map((name) => ({ name, type: 'timestamp', role: 'window' as const }))
        : [
            { name: 'position', type: 'string', role: 'position' as const },
            { name: stream.eventTime, type: 'timestamp', role: 'event_time' as const },
          ]),
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
        ...(row.window ? [row.window.startMs, row.window.endMs] : [positionText(task.checked, row), row.eventTimeMs]),
        ...(JSON.parse(row.key) as Cell[]),
        ...others.map((field) => (event?.values[field.slot] ?? null) as Cell),
        ...row.values,
      ]
    }),
    readEvents: run.readEvents,
    refusedEvents: run.refusedEvents,
    tookMs,
    problems: notes(run),
  }
}

function notes({ cut, rows, watermarkMs, throws }: PreviewRun): Problem[] {
  const note = (code: string, message: string): Problem => ({ code, message, line: 1, column: 1 })
  const areOpen = rows.some(({ window }) => window && window.endMs > watermarkMs)
  return [
    ...(cut
      ? [
          note(
            'preview_cut',
            'The windows reach further back than a preview reads; values of the longest windows count only the events read.',
          ),
        ]
      : []),
    ...(throws.length > 0
      ? [note('preview_throws', `A feature in TypeScript threw at ${throws.length} of the events read, the last time: ${throws.at(-1)}`)]
      : []),
    ...(areOpen
      ? [note('preview_open', 'The newest windows are not over: they are shown as they stand, and a job gives no row yet.')]
      : []),
  ]
}
