/** Parameter values: shown, taken apart for the editor (amount and unit), put together again, held against their bounds. Pure. */
import { formatBytes, formatDuration, formatInstant, formatNumber, formatPercent } from '../ui/format.ts'

export const durationUnits = ['milliseconds', 'seconds', 'minutes', 'hours', 'days'] as const
export type DurationUnit = (typeof durationUnits)[number]
const unitMs: Record<DurationUnit, number> = { milliseconds: 1, seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 }

export const byteUnits = ['B', 'KiB', 'MiB', 'GiB'] as const
export type ByteUnit = (typeof byteUnits)[number]
const unitBytes: Record<ByteUnit, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

export type EditorKind = 'boolean' | 'choice' | 'duration' | 'durationRange' | 'bytes' | 'number' | 'instant' | 'text'

/** The kept form of a `durationRange`. */
export type Range = { fromMs: number; toMs: number }
export const isRange = (value: unknown): value is Range =>
  typeof value === 'object' && value !== null && 'fromMs' in value && 'toMs' in value

/** Which editor a registry type gets. */
export function editorKind(type: string, values: readonly string[] | undefined): EditorKind {
  if (values && values.length > 0) return 'choice'
  if (type === 'boolean') return 'boolean'
  if (type === 'duration' || type === 'durationRange' || type === 'bytes' || type === 'instant') return type
  if (['int', 'share', 'factor'].includes(type)) return 'number'
  return 'text'
}

/** As a person reads it; null: no value. 'true' and 'false' are for the caller to put into words. */
export function displayValue(value: unknown, type: string, unit: string | null, locale: string): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (type === 'duration') return formatDuration(value, locale)
    if (type === 'bytes') return formatBytes(value, locale)
    if (type === 'share') return formatPercent(value, locale)
    if (type === 'instant') return `${formatInstant(value, 'utc')} UTC`
    return `${formatNumber(value, locale, 6)}${unit ? ` ${unit}` : ''}`
  }
  if (isRange(value)) return `${formatDuration(value.fromMs, locale)} – ${formatDuration(value.toMs, locale)}`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The largest unit that leaves a whole number: 90000 ms → 90 seconds, 120000 ms → 2 minutes. */
export function splitDuration(ms: number): { amount: number; unit: DurationUnit } {
  for (const unit of durationUnits.toReversed()) if (ms !== 0 && ms % unitMs[unit] === 0) return { amount: ms / unitMs[unit], unit }
  return { amount: ms, unit: ms === 0 ? 'seconds' : 'milliseconds' }
}
export const joinDuration = (amount: number, unit: DurationUnit): number => amount * unitMs[unit]

export function splitBytes(bytes: number): { amount: number; unit: ByteUnit } {
  for (const unit of byteUnits.toReversed())
    if (bytes !== 0 && bytes % unitBytes[unit] === 0) return { amount: bytes / unitBytes[unit], unit }
  return { amount: bytes, unit: 'B' }
}
export const joinBytes = (amount: number, unit: ByteUnit): number => amount * unitBytes[unit]

export type BoundProblem = { problem: 'empty' | 'notANumber' | 'notWhole' | 'tooSmall' | 'tooLarge' }

/** What the server would refuse, said before it is sent. Bounds that are no numbers are the server's to judge. */
export function checkNumber(value: number, type: string, bounds: { min?: unknown; max?: unknown }): BoundProblem | null {
  if (!Number.isFinite(value)) return { problem: 'notANumber' }
  if (['int', 'bytes', 'duration'].includes(type) && !Number.isInteger(value)) return { problem: 'notWhole' }
  if (typeof bounds.min === 'number' && value < bounds.min) return { problem: 'tooSmall' }
  if (typeof bounds.max === 'number' && value > bounds.max) return { problem: 'tooLarge' }
  return null
}
