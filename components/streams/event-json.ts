/** An event's text for people: indented if it is JSON, else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** The event time that the text carries, for showing only: the engine has its own, strict way. */
export function eventTimeOf(text: string, field: string): number | string | null {
  try {
    const value: unknown = JSON.parse(text)?.[field]
    return typeof value === 'number' || typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
