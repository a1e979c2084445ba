/** A result row → the JSON of the event that is forwarded, without its closing brace. Its fields: definition/forward-stream.ts. */
import type { ResultRow } from '../sink/port.ts'

export interface ForwardedView {
  readonly view: string
  readonly version: number
  readonly keyFields: readonly string[]
  readonly features: readonly string[]
}

export function forwardedRow({ view, version, keyFields, features }: ForwardedView): (row: ResultRow) => string {
  const keys = keyFields.map((name) => `${JSON.stringify(name)}:`)
  const values = features.map((name) => `,${JSON.stringify(name)}:`)
  const ofView = `,"_view":${JSON.stringify(view)},"_view_version":${version}`
  return (row) => {
    let text = '{'
    if (keys.length === 1) text += keys[0]! + row.key.slice(1, -1)
    else {
      const parts = JSON.parse(row.key) as unknown[]
      text += keys.map((name, i) => name + JSON.stringify(parts[i])).join(',')
    }
    for (let i = 0; i < values.length; i++) text += values[i]! + JSON.stringify(row.values[i] ?? null)
    const [asOfMs, n] = row.version
    text += `${ofView},"_event_time":${row.eventTimeMs},"_as_of":${asOfMs},"_n":${n}`
    if (row.window) text += `,"_window_start":${row.window.startMs},"_window_end":${row.window.endMs}`
    return text
  }
}

/** What is added when the row is handed over: who had the say. */
export const withEpoch = (epoch: number): string => `,"_epoch":${epoch}}`
