/** Kinds of parameter values: how each is read from what a person or a file gives, kept, bounded and shown. */
import { z } from 'zod'
import { formatHours, parseHours } from './cutover-hours.ts'
import { formatDurationMs, parseDurationMs } from './interval.ts'

/** Kept as: duration ms · bytes number · instant epoch ms or null · the rest as they are. */
export type ParameterKind =
  | 'duration'
  | 'durationRange'
  | 'int'
  | 'share'
  | 'factor'
  | 'bytes'
  | 'boolean'
  | 'instant'
  | 'choice'
  | 'target'
  | 'hours'
export type DurationRange = { fromMs: number; toMs: number }

/** Turns text into the kept form; anything that is no text passes through, for the schema to judge. @throws Error with a sentence */
export function readValue(kind: ParameterKind, input: unknown): unknown {
  if (typeof input !== 'string') return input
  const text = input.trim()
  switch (kind) {
    case 'duration':
      return readDuration(text)
    case 'durationRange': {
      const [from, to, ...more] = text.split(/\s+to\s+/i)
      if (from === undefined || to === undefined || more.length > 0) throw new Error('say from and to, such as "1 second to 1 minute"')
      return { fromMs: readDuration(from), toMs: readDuration(to) }
    }
    case 'bytes':
      return parseBytes(text)
    case 'instant':
      return parseInstantMs(text)
    case 'boolean':
      if (/^(on|true|yes)$/i.test(text)) return true
      if (/^(off|false|no)$/i.test(text)) return false
      throw new Error('say on or off')
    case 'choice':
    case 'target':
      return text
    case 'hours':
      return formatHours(parseHours(text))
    default:
      if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) throw new Error(`"${text.slice(0, 40)}" is not a number`)
      return Number(text)
  }
}

function readDuration(text: string): number {
  // a bare 90 could mean seconds or milliseconds
  if (/^[\d.]+$/.test(text) && Number(text) !== 0) throw new Error(`"${text}" needs a unit, such as "${text} seconds"`)
  return parseDurationMs(text)
}

const BYTE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1e6,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1e9,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1e12,
}

/** `2 GiB`, `512MB`, `1073741824` → bytes. */
export function parseBytes(text: string): number {
  const match = /^(\d+\.?\d*|\.\d+)\s*([a-z]*)$/i.exec(text.trim())
  const unit = BYTE_UNITS[match?.[2]?.toLowerCase() ?? '']
  if (!match || unit === undefined) throw new Error(`"${text.slice(0, 40)}" is not an amount of memory, such as 2 GiB`)
  return Math.round(Number(match[1]) * unit)
}

export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['TiB', 1024 ** 4],
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (bytes >= size && bytes % (size / 4) === 0) return `${bytes / size} ${unit}`
  }
  return `${bytes} B`
}

/** ISO 8601 with a zone, or epoch milliseconds. Accepted from 1900-01-01 to 2200-01-01, as event times are. */
export function parseInstantMs(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})$/i.exec(text)
  const ms = iso ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (Number.isNaN(ms)) throw new Error(`"${text.slice(0, 40)}" is not an instant with a zone, such as 2001-03-01T00:00:00Z`)
  return ms
}

export const MIN_INSTANT_MS = Date.UTC(1900, 0, 1)
export const MAX_INSTANT_MS = Date.UTC(2200, 0, 1)

/** What a person reads: `30 seconds`, `2 GiB`, `on`, an ISO instant. */
export function formatValue(kind: ParameterKind, value: unknown): string {
  if (value === null || value === undefined) return 'none'
  switch (kind) {
    case 'duration':
      return formatDurationMs(value as number)
    case 'durationRange':
      return `${formatDurationMs((value as DurationRange).fromMs)} to ${formatDurationMs((value as DurationRange).toMs)}`
    case 'bytes':
      return formatBytes(value as number)
    case 'instant':
      return new Date(value as number).toISOString()
    case 'boolean':
      return value ? 'on' : 'off'
    default:
      return String(value)
  }
}

export const UNITS: Record<ParameterKind, string | null> = {
  duration: 'ms',
  durationRange: 'ms',
  int: null,
  share: '0 to 1',
  factor: '×',
  bytes: 'bytes',
  boolean: null,
  instant: 'epoch ms',
  choice: null,
  target: null,
  hours: null,
}

export const durationSchema = (minMs: number, maxMs: number) => z.number().min(minMs).max(maxMs)
