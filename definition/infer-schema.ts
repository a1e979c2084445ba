/** From pasted sample events to a stream's schema: fields, types, nullability, and which field may be the event time. */
import type { Field, FieldType } from './model.ts'
import { MAX_INT } from './types.ts'

export type InferredField = Required<Field> & { examples: string[] }
export type InferredSchema = {
  fields: InferredField[]
  /** Best first. */
  eventTimeCandidates: { field: string; why: string }[]
  /** How many events were read. */
  events: number
  problems: { line: number; message: string }[]
}

const MAX_EVENTS = 10_000
const MAX_PROBLEMS = 50
const EXAMPLES = 3
// Whole numbers in this range are taken for epoch milliseconds, 1000 times smaller ones for seconds
const EPOCH_FROM_MS = Date.UTC(2000, 0, 1)
const EPOCH_TO_MS = Date.UTC(2070, 0, 1)
const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/i
const ISO_WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/
const TIME_NAME = /^(event_?time|ts|time|timestamp|date|datetime|when|at)$|(_at|_ts|_time|_date|time|timestamp|At|Time)$/

const TYPE_OF_KIND: Record<Kind, FieldType> = {
  boolean: 'boolean',
  int: 'int',
  epochMs: 'timestamp',
  epochSeconds: 'int',
  bigInt: 'double',
  double: 'double',
  isoZone: 'timestamp',
  isoNoZone: 'string',
  string: 'string',
  nested: 'string',
}

type Event = { line: number; value: Record<string, unknown> }
type Seen = { count: number; nulls: number; kinds: Map<Kind, number>; examples: string[]; firstLine: Map<Kind, number> }
type Kind = 'boolean' | 'int' | 'epochMs' | 'epochSeconds' | 'bigInt' | 'double' | 'isoZone' | 'isoNoZone' | 'string' | 'nested'

/** Takes NDJSON, one JSON object, or a JSON array of objects. Never throws: what cannot be read is listed. */
export function inferSchema(text: string): InferredSchema {
  const problems: InferredSchema['problems'] = []
  const events = readEvents(text.replace(/^\uFEFF/, ''), problems)
  const seen = new Map<string, Seen>()
  for (const { line, value } of events) for (const [name, field] of Object.entries(value)) note(seen, name, field, line)

  if (events.length === 0 && problems.length === 0) problems.push({ line: 1, message: 'there is no event in this array' })
  const fields: InferredField[] = []
  const candidates: { field: string; why: string; rank: number }[] = []
  for (const [name, facts] of seen) {
    const type = decideType(name, facts, problems)
    if (type === undefined) continue
    const nullable = facts.nulls > 0 || facts.count < events.length
    fields.push({ name, type, nullable, examples: facts.examples })
    if (type !== 'timestamp' || nullable) continue
    const why = facts.kinds.has('isoZone') ? 'ISO 8601 with a zone, in every event' : 'epoch milliseconds, in every event'
    candidates.push({ field: name, why: TIME_NAME.test(name) ? `${why}; named like a time` : why, rank: TIME_NAME.test(name) ? 0 : 1 })
  }
  if (events.length > 0 && candidates.length === 0) problems.push({ line: 1, message: noCandidate(seen) })
  const eventTimeCandidates = candidates.sort((a, b) => a.rank - b.rank).map(({ field, why }) => ({ field, why }))
  return { fields, eventTimeCandidates, events: events.length, problems: problems.slice(0, MAX_PROBLEMS) }
}

function readEvents(text: string, problems: InferredSchema['problems']): Event[] {
  if (text.trim() === '') {
    problems.push({ line: 1, message: 'paste some events: one JSON object a line, or a JSON array' })
    return []
  }
  const events: Event[] = []
  const take = (value: unknown, line: number, what: string) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) events.push({ line, value: value as Record<string, unknown> })
    else problems.push({ line, message: `${what} is not a JSON object` })
  }
  const whole = tryParse(text)
  if (whole.ok) {
    if (Array.isArray(whole.value)) for (const [i, value] of whole.value.slice(0, MAX_EVENTS).entries()) take(value, 1, `event ${i + 1}`)
    else take(whole.value, 1, 'this')
    return events
  }
  if (text.trimStart().startsWith('[')) {
    problems.push({ line: 1, message: `this is not a JSON array: ${whole.message}` })
    return events
  }
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || events.length >= MAX_EVENTS) continue
    const parsed = tryParse(line)
    if (parsed.ok) take(parsed.value, i + 1, 'this line')
    else problems.push({ line: i + 1, message: `this line is not JSON: ${parsed.message}` })
  }
  return events
}

function tryParse(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

function note(seen: Map<string, Seen>, name: string, value: unknown, line: number): void {
  const facts: Seen = seen.get(name) ?? { count: 0, nulls: 0, kinds: new Map(), examples: [], firstLine: new Map() }
  seen.set(name, facts)
  facts.count++
  if (value === null) {
    facts.nulls++
    return
  }
  const kind = kindOf(value)
  facts.kinds.set(kind, (facts.kinds.get(kind) ?? 0) + 1)
  if (!facts.firstLine.has(kind)) facts.firstLine.set(kind, line)
  const example = typeof value === 'string' ? value.slice(0, 60) : (JSON.stringify(value) ?? '').slice(0, 60)
  if (facts.examples.length < EXAMPLES && !facts.examples.includes(example)) facts.examples.push(example)
}

function kindOf(value: unknown): Kind {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'double'
    if (Math.abs(value) > MAX_INT) return 'bigInt'
    if (value >= EPOCH_FROM_MS && value < EPOCH_TO_MS) return 'epochMs'
    return value >= EPOCH_FROM_MS / 1000 && value < EPOCH_TO_MS / 1000 ? 'epochSeconds' : 'int'
  }
  if (typeof value !== 'string') return 'nested'
  if (ISO_WITH_ZONE.test(value) && !Number.isNaN(Date.parse(value.replace(' ', 'T')))) return 'isoZone'
  return ISO_WITHOUT_ZONE.test(value) ? 'isoNoZone' : 'string'
}

/** The type that all values have, or undefined (with the reason listed) if the field must be left out. */
function decideType(name: string, facts: Seen, problems: InferredSchema['problems']): FieldType | undefined {
  const kinds = new Set<Kind>(facts.kinds.keys())
  const only = (...allowed: Kind[]) => [...kinds].every((kind) => allowed.includes(kind))
  const lineOf = (kind: Kind) => facts.firstLine.get(kind) ?? 1
  if (kinds.size === 0) return 'string' // null in every event
  if (kinds.has('nested')) {
    problems.push({ line: lineOf('nested'), message: `\`${name}\` holds an object or a list: it is left out, features read plain values` })
    return undefined
  }
  if (only('boolean')) return 'boolean'
  if (only('epochMs', 'isoZone')) return 'timestamp'
  if (only('int', 'epochMs', 'epochSeconds')) return 'int'
  if (only('int', 'epochMs', 'epochSeconds', 'bigInt', 'double')) {
    if (kinds.has('bigInt'))
      problems.push({
        line: lineOf('bigInt'),
        message: `\`${name}\` has whole numbers beyond 2^53, which lose digits: send identifiers as strings`,
      })
    return 'double'
  }
  if (!only('string', 'isoZone', 'isoNoZone')) {
    const majority: Kind = [...facts.kinds].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'string'
    const odd = [...kinds].find((kind) => kind !== majority) ?? majority
    problems.push({
      line: lineOf(odd),
      message: `\`${name}\` is not of one type: types are strict, events with another type would be refused`,
    })
    return TYPE_OF_KIND[majority]
  }
  return 'string'
}

function noCandidate(seen: Map<string, Seen>): string {
  for (const [name, { kinds }] of seen) {
    if (kinds.has('epochSeconds') && TIME_NAME.test(name))
      return `no event time found: \`${name}\` looks like epoch seconds, milliseconds are needed`
    if (kinds.has('isoNoZone')) return `no event time found: \`${name}\` has no zone, ISO 8601 with a zone is needed (…Z)`
  }
  return 'no event time found: a field with epoch milliseconds or ISO 8601 with a zone, in every event, is needed'
}
