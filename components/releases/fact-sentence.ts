/** A fact of a release → what its sentence needs. Sentences stand in messages (`releases.facts.<kind>`); a kind nobody wrote one for is still readable. Pure. */
import { formatBytes, formatDuration, formatInstant, formatNumber, formatPercent, formatRate, type Zone } from '../ui/format.ts'

/** A payload value as text, its unit told by the name's ending; instants have Time, At, since, until or from in theirs. */
export function factValue(key: string, value: unknown, locale: string, zone: Zone): string {
  if (value === null || value === undefined) return '–'
  if (value === true) return '✓'
  if (typeof value === 'number') {
    if (/Ms$/.test(key))
      return /(time|at|since|until|from|watermark)ms$/i.test(key) ? formatInstant(value, zone) : formatDuration(value, locale)
    if (/Bytes$/i.test(key)) return formatBytes(value, locale)
    if (/PerSecond$/.test(key)) return formatRate(value, locale)
    if (/Share$/.test(key)) return formatPercent(value, locale)
    if (/id$/i.test(key) || /^(job|job1|job2|version|fromVersion|toVersion|epoch|run)$/.test(key)) return String(value)
    return formatNumber(value, locale, 3)
  }
  if (Array.isArray(value)) return value.map((each) => factValue(key, each, locale, zone)).join(', ') || '–'
  if (typeof value === 'object')
    return (
      Object.entries(value)
        .map(([name, each]) => `${name} ${factValue(name, each, locale, zone)}`)
        .join(', ') || '–'
    )
  return String(value)
}

/** The names that a message needs, and those that it wants as numbers (plural, select). */
export function placeholders(message: string): { all: string[]; raw: Set<string> } {
  const all = new Set<string>()
  const raw = new Set<string>()
  for (const [, name, kind] of message.matchAll(/\{\s*([A-Za-z]\w*)\s*(?:\}|,\s*(\w+))/g)) {
    if (name === undefined) continue
    all.add(name)
    if (kind) raw.add(name)
  }
  return { all: [...all], raw }
}

/** Values for the message, or null when the payload lacks one of them: a sentence with a hole would be worse than plain words. */
export function factValues(
  message: string,
  payload: Record<string, unknown>,
  locale: string,
  zone: Zone,
): Record<string, string | number> | null {
  const { all, raw } = placeholders(message)
  const values: Record<string, string | number> = {}
  for (const name of all) {
    const value = payload[name]
    if (value === undefined || value === null) return null
    values[name] = raw.has(name) && (typeof value === 'number' || typeof value === 'string') ? value : factValue(name, value, locale, zone)
  }
  return values
}

/** The messages that may tell a fact, the most telling first: a change of state has some of its own, by where it came from and why, a comparison by its outcome. */
export function sentenceNames(kind: string, payload: Record<string, unknown>): string[] {
  if (kind === 'compared') return [`compared_${payload.outcome}`, kind]
  if (kind !== 'state') return [kind]
  const to = `state_${payload.to}`
  return [`${to}_because`, `${to}_from_${payload.from}`, to, kind]
}

/** For an unknown kind: its name in words and its payload, "backfill paused: lagMs 2.1 s". */
export function plainFact(kind: string, payload: Record<string, unknown>, locale: string, zone: Zone): string {
  const words = kind.replaceAll(/[_.-]+/g, ' ').trim()
  const rest = Object.entries(payload)
    .map(([key, value]) => `${key} ${factValue(key, value, locale, zone)}`)
    .join(' · ')
  return rest ? `${words}: ${rest}` : words
}
