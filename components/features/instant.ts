/** What a person types for an instant, as epoch ms: "2001-03-01", "2001-03-01 12:30", with Z or an offset; without one it is UTC. */
export function parseInstant(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(text.trim())
  if (!match) return null
  const [, date, time = '00:00', zone = 'Z'] = match
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const ms = Date.parse(`${date}T${time}${offset}`)
  // A day that the month doesn't have is rolled over by some parsers: refuse it.
  return Number.isFinite(ms) && new Date(Date.parse(`${date}T00:00Z`)).toISOString().startsWith(date as string) ? ms : null
}
