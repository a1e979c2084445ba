/** Timestamps in and out: epoch ms inside; ISO 8601 with zone in events; SQL's form (UTC) in casts. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)$/
const SQL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)? ?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/

/** Epoch ms of an ISO 8601 text that names its zone, or null. Digits below the millisecond are cut off. */
export function parseIsoTimestamp(text: string): number | null {
  const match = ISO.exec(text)
  return match ? assemble(match) : null
}

/** The wider form of CAST: a space for the T, a date alone, no zone (then UTC). */
export function parseSqlTimestamp(text: string): number | null {
  const match = SQL.exec(text.trim())
  return match ? assemble(match) : null
}

function assemble(match: RegExpExecArray): number | null {
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day) // Date.UTC reads the years 0 to 99 as 1900 to 1999
  if (date.getUTCDate() !== day) return null
  const zone = match[8] ?? 'Z'
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  let offsetMinutes = 0
  if (zone !== 'Z' && zone !== 'z') {
    const digits = zone.slice(1).replace(':', '')
    const hours = Number(digits.slice(0, 2))
    const minutes = Number(digits.slice(2) || 0)
    if (hours > 23 || minutes > 59) return null
    offsetMinutes = (hours * 60 + minutes) * (zone[0] === '-' ? -1 : 1)
  }
  return date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + millis
}

/** `2025-01-01 00:00:00[.5]`, as DuckDB writes a timestamp. */
export function sqlTimestamp(ms: number): string {
  const text = new Date(ms).toISOString()
  const seconds = text.slice(0, -5).replace('T', ' ')
  const fraction = text.slice(-4, -1).replace(/0+$/, '')
  return fraction ? `${seconds}.${fraction}` : seconds
}
