/**
 * Events from a request into a stream's log. Each is judged by the stream's whole schema; the good ones are appended
 * (durable before the answer), each refused one is named in the answer and stands in the stream's dead letters.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { IngestAnswer } from '../../contract/engine-api.ts'
import { EvenflowError } from '../../contract/errors.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { compileExtractor, type Extractor } from '../compile/extract.ts'
import type { Value } from '../sink/port.ts'
import { partitionOfValue, type StreamLogs } from '../source/stream-logs.ts'
import type { EventColumns } from '../source/record-batch.ts'
import { splitEvents } from './split-events.ts'

/** Of one request: each is named in the answer and kept. With more, the body is something else than events, and nothing of it is taken. */
const MAX_REFUSED = 10_000
const EVENTS_PER_TURN = 200

export interface IngestStream {
  readonly id: string
  readonly schema: StreamSchema
  readonly partitions: number
  readonly partitionBy: string | null
  /** the view whose rows are forwarded to it; null: it takes events of its own */
  readonly fedBy: string | null
}

export interface RefusedEvent {
  readonly streamId: string
  readonly dedupKey: string
  readonly code: string
  readonly message: string
  readonly raw: string
}

interface Checker {
  readonly extractor: Extractor
  readonly eventTimeSlot: number
  readonly row: Value[]
}

const checkers = new WeakMap<StreamSchema, Checker>()

function checkerOf(schema: StreamSchema): Checker {
  let checker = checkers.get(schema)
  if (!checker) {
    const eventTimeSlot = schema.fields.findIndex((field) => field.name === schema.eventTime)
    const extractor = compileExtractor({
      stream: schema,
      fields: schema.fields,
      keySlots: [],
      eventTimeSlot,
    })
    checker = { extractor, eventTimeSlot, row: new Array<Value>(schema.fields.length).fill(null) }
    checkers.set(schema, checker)
  }
  return checker
}

export async function ingest(
  body: Buffer,
  stream: IngestStream,
  deps: { logs: StreamLogs; nowMs: number; futureSkewMs: number; keepRefused: (items: RefusedEvent[]) => Promise<void> },
): Promise<IngestAnswer> {
  if (stream.fedBy !== null)
    throw new EvenflowError(
      'bad_request',
      `The stream ${stream.schema.name} is fed by the view ${stream.fedBy}: it takes no other events.`,
      {
        hint: `Send events to the stream that ${stream.fedBy} reads, or create a stream for these.`,
      },
    )
  const { extractor, eventTimeSlot, row } = checkerOf(stream.schema)
  const slices = splitEvents(body)
  const count = slices.start.length
  const good: { start: Int32Array; end: Int32Array; count: number } = { start: new Int32Array(count), end: new Int32Array(count), count: 0 }
  const partitionSlot =
    stream.partitions > 1 && stream.partitionBy !== null ? stream.schema.fields.findIndex((field) => field.name === stream.partitionBy) : -1
  const partitionByIndex: number[] = []
  const answer: IngestAnswer = { accepted: 0, rejected: [] }
  const refused: RefusedEvent[] = []
  for (let i = 0; i < count; i++) {
    if (i % EVENTS_PER_TURN === EVENTS_PER_TURN - 1) await nextTurn() // reads are answered in between
    const start = slices.start[i] as number
    const end = slices.end[i] as number
    let refusal: { code: string; message: string } | null = extractor.extract(body, start, end, row)
    const eventTimeMs = row[eventTimeSlot] as number
    if (refusal === null && eventTimeMs > deps.nowMs + deps.futureSkewMs)
      refusal = {
        code: 'event_time_in_future',
        message: `the event time is ${new Date(eventTimeMs).toISOString()}, more than ${deps.futureSkewMs / 1000} seconds ahead of the clock`,
      }
    if (refusal !== null) {
      const line = slices.line[i] as number
      if (refused.length === MAX_REFUSED)
        throw new EvenflowError(
          'bad_request',
          `More than ${MAX_REFUSED} events of this request are bad (line ${line}: ${refusal.message}). Nothing was taken.`,
          { hint: 'Look at the first lines of the body: is it NDJSON, or a JSON array of objects?' },
        )
      answer.rejected.push({ line, code: refusal.code, message: refusal.message })
      refused.push({
        streamId: stream.id,
        dedupKey: `ingest:${randomUUID()}`,
        code: refusal.code,
        message: refusal.message,
        raw: body.toString('utf8', start, Math.min(end, start + 4096)).slice(0, 4096),
      })
      continue
    }
    if (partitionSlot >= 0) partitionByIndex.push(partitionOfValue(row[partitionSlot], stream.partitions))
    good.start[good.count] = start
    good.end[good.count++] = end
  }
  answer.accepted = good.count
  if (refused.length > 0) await deps.keepRefused(refused)
  if (good.count > 0) {
    const events: EventColumns = { data: body, start: good.start, end: good.end, count: good.count }
    await deps.logs.append(
      { name: stream.schema.name, partitions: stream.partitions },
      events,
      partitionSlot >= 0 ? (i) => partitionByIndex[i] as number : undefined,
    )
  }
  return answer
}
