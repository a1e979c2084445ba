/** Hints: `/*+ ORDER('event_time') PRECISION(w, '1 hour') *\/` comments, anywhere in the text. */
import { problem } from './check-view.ts'
import { readIdentifier, type WrittenName } from './identifiers.ts'
import { parseInterval } from './interval.ts'
import type { Hints, Interval, Problem } from './model.ts'
import type { Place } from './source-text.ts'
import type { SqlTokens } from './sql-tokens.ts'
import { didYouMean } from './suggest.ts'

const VALUES = { order: ['arrival', 'event_time'], readClock: ['wall', 'event'] } as const
const BY_NAME: Record<string, keyof Hints> = { order: 'order', readclock: 'readClock' }
const HINTS = "ORDER('arrival' | 'event_time'), READ_CLOCK('wall' | 'event'), MAX_ROWS(window, 100) and PRECISION(window, '1 hour')"
/** Hints of later builds: the rest of the language's own, and the view-scoped parameters by name. */
const LATER = new Set(
  'parallelism parallelby outoforderness allowedlateness idletimeout futureskew ttl checkpointinterval checkpointtimeout checkpointminpause checkpointtolerablefailures checkpointretention batchsize memorylimit deadletterratelimit onlinestore history historyretention forward'.split(
    ' ',
  ),
)

/** A hint about a window; which one is known only when all windows are read. */
export type WindowHint = { name: string; written: WrittenName; byte: number; place: Place } & (
  | { part: 'maxRows'; value: number }
  | { part: 'precision'; value: Interval }
)

/** `orderPlace`: of the hint ORDER, where it is given. */
type Read = { hints: Hints; windowHints: WindowHint[]; problems: Problem[]; orderPlace?: Place }

export function readHints(tokens: SqlTokens): Read {
  const read: Read = { hints: {}, windowHints: [], problems: [] }
  for (const comment of tokens.comments) {
    if (comment.text.startsWith('/*+')) readComment(comment.text, comment.start, tokens, read)
  }
  return read
}

function readComment(text: string, startByte: number, tokens: SqlTokens, read: Read): void {
  const body = text.slice(3, -2)
  const hint = /\s*,?\s*(?:([A-Za-z_][A-Za-z_0-9]*)\s*(?:\(((?:[^()']|'(?:[^']|'')*')*)\))?|(\S+))\s*/y
  const bytesTo = (unit: number) => startByte + new TextEncoder().encode(text.slice(0, 3 + unit)).length
  while (hint.lastIndex < body.length) {
    const from = hint.lastIndex
    const match = hint.exec(body)
    if (!match?.[0]) break
    const [whole, name, argument, rubbish] = match
    const byte = bytesTo(from + whole.indexOf(name ?? rubbish ?? ''))
    const place = tokens.source.span(byte, byte + new TextEncoder().encode(name ?? rubbish ?? '').length)
    if (name === undefined)
      read.problems.push(
        problem(
          'bad_hint',
          place,
          `a hint is a name with its value in parentheses, this is "${rubbish?.slice(0, 40)}"`,
          "ORDER('event_time')",
        ),
      )
    else readHint(name, argument?.trim() ?? '', { byte, place }, read)
  }
}

type At = { byte: number; place: Place }

function readHint(name: string, argument: string, at: At, read: Read): void {
  const { problems } = read
  const normal = name.toLowerCase().replaceAll('_', '')
  const key = Object.hasOwn(BY_NAME, normal) ? BY_NAME[normal] : undefined
  if (normal === 'precision' || normal === 'maxrows') readWindowHint(name, normal, argument, at, read)
  else if (key) readViewHint(name, key, argument, at, read)
  else if (LATER.has(normal)) problems.push(problem('not_yet', at.place, `the hint ${name} is not available yet`))
  else
    problems.push(
      problem(
        'unknown_hint',
        at.place,
        `there is no hint ${name}`,
        didYouMean(name, ['ORDER', 'READ_CLOCK', 'MAX_ROWS', 'PRECISION']) ?? `hints are ${HINTS}`,
      ),
    )
}

function readViewHint(name: string, key: keyof Hints, argument: string, { place }: At, read: Read): void {
  const { hints, problems } = read
  const value = argument.replace(/^'(.*)'$/s, '$1').toLowerCase()
  const allowed: readonly string[] = VALUES[key]
  if (!allowed.includes(value))
    problems.push(problem('bad_hint', place, `${name} takes ${allowed.map((one) => `'${one}'`).join(' or ')}`, didYouMean(value, allowed)))
  else if (hints[key] !== undefined && hints[key] !== value)
    problems.push(problem('bad_hint', place, `${name} is given twice, with different values`))
  else {
    Object.assign(hints, { [key]: value })
    if (key === 'order') read.orderPlace ??= place
  }
}

/** `w, '1 hour'` or `w, 100` */
function readWindowHint(name: string, kind: 'maxrows' | 'precision', argument: string, at: At, { windowHints, problems }: Read): void {
  const [, window, length, count] = /^("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_]*)\s*,\s*(?:'([^']*)'|(\d+))$/u.exec(argument) ?? []
  const refuse = (message: string) =>
    problems.push(problem('bad_hint', at.place, message, `${name}(${window ?? 'w'}, ${kind === 'maxrows' ? '100' : "'1 hour'"})`))
  const head = { name, written: readIdentifier(window ?? ''), ...at }
  if (kind === 'maxrows' && window !== undefined && count !== undefined)
    windowHints.push({ ...head, part: 'maxRows', value: Math.min(Number(count), Number.MAX_SAFE_INTEGER) })
  else if (kind === 'precision' && window !== undefined && length !== undefined)
    try {
      windowHints.push({ ...head, part: 'precision', value: parseInterval(length) })
    } catch (error) {
      refuse((error as Error).message)
    }
  else refuse(`${name} takes a window and a ${kind === 'maxrows' ? 'number of rows' : 'length of time'}`)
}
