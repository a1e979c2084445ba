/** Pasted events (NDJSON, or a JSON array) → fields and types. Pure. Types are strict as in ingest: "5" is a string, 5.0 an int. */
import type { InferredStream } from '../../contract/http-api.ts'
import type { z } from 'zod'

type Answer = z.infer<typeof InferredStream>
type Seen = { present: number; nulls: number; types: Set<string>; examples: string[]; values: unknown[] }

const maxEvents = 10_000
const maxProblems = 100
const isoWithZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/
const oldestMs = Date.UTC(1970, 0, 2)
const newestMs = Date.UTC(2200, 0, 1)

export function inferSchema(text: string): Answer {
  const problems: Answer['problems'] = []
  const events = readEvents(text, problems)
  const fields = new Map<string, Seen>()
  for (const event of events) for (const [name, value] of Object.entries(event)) look(fields, name, value)
  const described = [...fields].map(([name, seen]) => ({
    name,
    type: typeOf(name, seen),
    nullable: seen.nulls > 0 || seen.present < events.length,
    examples: seen.examples,
  }))
  return { fields: described, eventTimeCandidates: candidates(described, fields), events: events.length, problems: problems.slice(0, maxProblems) }
}

function readEvents(text: string, problems: Answer['problems']): Record<string, unknown>[] {
  const body = text.replace(/^\uFEFF/, '')
  const note = (line: number, message: string) => void problems.push({ line, message })
  const take = (value: unknown, line: number): Record<string, unknown>[] => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [value as Record<string, unknown>]
    note(line, 'an event is a JSON object, such as {"id": 1, "at": "2024-01-01T00:00:00Z"}')
    return []
  }
  if (body.trimStart().startsWith('[')) {
    try {
      const all = JSON.parse(body) as unknown[]
      return all.slice(0, maxEvents).flatMap((value, i) => take(value, i + 1))
    } catch (error) {
      note(1, `not a JSON array: ${(error as Error).message}`)
      return []
    }
  }
  const events: Record<string, unknown>[] = []
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '') continue
    if (events.length === maxEvents) break
    try {
      events.push(...take(JSON.parse(line), i + 1))
    } catch (error) {
      note(i + 1, `not JSON: ${(error as Error).message}`)
    }
  }
  return events
}

function look(fields: Map<string, Seen>, name: string, value: unknown): void {
  let seen = fields.get(name)
  if (!seen) fields.set(name, (seen = { present: 0, nulls: 0, types: new Set(), examples: [], values: [] }))
  seen.present++
  if (value === null) return void seen.nulls++
  seen.types.add(typeOfValue(value))
  const example = typeof value === 'string' ? value : JSON.stringify(value)
  if (seen.examples.length < 3 && !seen.examples.includes(example.slice(0, 80))) seen.examples.push(example.slice(0, 80))
  if (seen.values.length < 200) seen.values.push(value)
}

function typeOfValue(value: unknown): string {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'double'
  if (typeof value === 'string') return isoWithZone.test(value) && !Number.isNaN(Date.parse(value)) ? 'timestamp' : 'string'
  return 'string' // objects and lists are not fields of their own; kept out of views, shown as text
}

const timeName = /(^|_|[a-z])(time|timestamp|ts|at|date|when)(_?ms)?$/i
const inTimeRange = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= oldestMs && value <= newestMs && value > 1e11

/** Epoch milliseconds are integers too: only a field whose name speaks of time becomes a timestamp. */
function typeOf(name: string, { types, values }: Seen): string {
  const kinds = [...types]
  if (kinds.length === 0) return 'string'
  if (kinds.length === 1) return kinds[0] === 'int' && timeName.test(name) && values.every(inTimeRange) ? 'timestamp' : kinds[0]!
  if (kinds.every((kind) => kind === 'int' || kind === 'double')) return 'double'
  return 'string'
}

function candidates(described: Answer['fields'], fields: Map<string, Seen>): Answer['eventTimeCandidates'] {
  const found = described.flatMap(({ name, type, nullable }) => {
    const values = fields.get(name)?.values ?? []
    if (nullable) return []
    const named = timeName.test(name)
    if (type === 'timestamp') return [{ field: name, why: typeof values[0] === 'number' ? 'epoch milliseconds' : 'ISO 8601 with a zone', rank: named ? 0 : 1 }]
    if (type === 'int' && values.length > 0 && values.every(inTimeRange)) return [{ field: name, why: 'whole numbers that would be epoch milliseconds', rank: 2 }]
    return []
  })
  return found.sort((a, b) => a.rank - b.rank).map(({ field, why }) => ({ field, why }))
}
