/** The window of a view with GROUP BY as the form has it: lengths are the text that a person types. Pure. */
import { quoteName, quoteText } from '../../definition/identifiers.ts'
import { formatInterval } from '../../definition/interval.ts'
import type { GroupWindow } from '../../definition/model.ts'

export const groupKinds = ['tumble', 'hop', 'session'] as const
export type GroupKind = (typeof groupKinds)[number]
/** `slide` is used by HOP only; `length` is the size, or the gap of a session. */
export type FormGroup = { kind: GroupKind; length: string; slide: string }

export function groupOf(group: GroupWindow): FormGroup {
  const length = formatInterval(group.kind === 'session' ? group.gap : group.size)
  return { kind: group.kind, length, slide: group.kind === 'hop' ? formatInterval(group.slide) : '' }
}

/** `HOP(ts, INTERVAL '5 minutes', INTERVAL '1 hour')` */
export function groupSql({ kind, length, slide }: FormGroup, eventTime: string): string {
  const intervals = [...(kind === 'hop' ? [slide] : []), length].map((text) => `INTERVAL ${quoteText(text.trim())}`)
  return `${kind.toUpperCase()}(${[quoteName(eventTime), ...intervals].join(', ')})`
}
