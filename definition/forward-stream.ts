/**
 * The stream that a view's rows are forwarded to: its fields follow from the view's key and features, a later version adds its own. One
 * view feeds it and nobody else, so that what stands in it is what the view said.
 */
import { isCollection } from './types.ts'
import type { Field } from './model.ts'

/** Where rows are forwarded to is the name of a stream, or the URL of a webhook. */
export const isWebhook = (target: string): boolean => /^https?:\/\//i.test(target)

/** Of these hosts a webhook needs no permission of whoever runs the server. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** `hosts`: what EVENFLOW_WEBHOOK_HOSTS allows besides. */
export function isAllowedWebhook(url: string, hosts: readonly string[]): boolean {
  const { hostname, username } = new URL(url)
  return username === '' && [...LOOPBACK, ...hosts].includes(hostname)
}

export const FORWARD_EVENT_TIME = '_event_time'

/** What every forwarded row carries beside its key and features. */
const OF_EVERY_ROW: readonly Field[] = [
  { name: FORWARD_EVENT_TIME, type: 'timestamp' },
  { name: '_view', type: 'string' },
  { name: '_view_version', type: 'int' },
  { name: '_as_of', type: 'timestamp' }, // newest event time of the key: with _n, the row's version
  { name: '_n', type: 'int' }, // events of the key that were applied
  { name: '_epoch', type: 'int' }, // of the view's authority
]
const OF_WINDOWS: readonly Field[] = [
  { name: '_window_start', type: 'timestamp', nullable: true },
  { name: '_window_end', type: 'timestamp', nullable: true },
]

export interface ForwardedShape {
  readonly key: readonly { readonly name: string; readonly type: string }[]
  readonly features: readonly { readonly name: string; readonly type: string }[]
  readonly hasWindows: boolean
}

/** Lists and maps stand in the events too, but no view can read them: they are no fields. */
export function forwardFields({ key, features, hasWindows }: ForwardedShape): Field[] {
  return [
    ...key.map(({ name, type }) => ({ name, type })),
    ...OF_EVERY_ROW,
    ...(hasWindows ? OF_WINDOWS : []),
    ...features.filter(({ type }) => !isCollection(type)).map(({ name, type }) => ({ name, type, nullable: true })),
  ]
}

/** The fields that stand and those of another version: what one of them does not have is nullable. Null: a name has two types. */
export function mergeFields(standing: readonly Field[], wanted: readonly Field[]): { fields: Field[] } | { clash: string } {
  const fields: Field[] = []
  for (const field of standing) {
    const other = wanted.find(({ name }) => name === field.name)
    if (other && other.type !== field.type) return { clash: field.name }
    fields.push(!other || other.nullable || field.nullable ? { ...field, nullable: true } : field)
  }
  for (const field of wanted) if (!fields.some(({ name }) => name === field.name)) fields.push({ ...field, nullable: true })
  return { fields }
}

/** The view that feeds a stream, by the stream's source; null: it takes events of its own. */
export function feederOf(source: unknown): string | null {
  const { kind, view } = source as { kind?: string; view?: string }
  return kind === 'view' && view !== undefined ? view : null
}

export interface KnownStream {
  readonly name: string
  readonly fields: readonly Field[]
  /** the view that feeds it; null: it takes events of its own */
  readonly fedBy: string | null
}

export type ForwardRefusal = { code: 'taken' | 'loop' | 'reserved' | 'clash' | 'host'; target: string; field?: string }

/** Why the view's rows cannot be forwarded there; null: they can. `views`: which stream each reads. */
export function refusalOfForward(
  { view, target, fields }: { view: string; target: string; fields: readonly Field[] },
  streams: readonly KnownStream[],
  views: readonly { readonly name: string; readonly streams: readonly string[] }[],
): ForwardRefusal | null {
  const names = fields.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) return { code: 'reserved', target, field: twice }
  const standing = streams.find(({ name }) => name === target)
  if (standing && standing.fedBy !== view) return { code: 'taken', target }
  const seen = new Set<string>()
  const readsFrom = (name: string): boolean => {
    if (seen.has(name)) return false
    seen.add(name)
    return (views.find((one) => one.name === name)?.streams ?? []).some((read) => {
      if (read === target) return true
      const fedBy = streams.find((stream) => stream.name === read)?.fedBy
      return fedBy != null && readsFrom(fedBy)
    })
  }
  if (readsFrom(view)) return { code: 'loop', target }
  const merged = standing && mergeFields(standing.fields, fields)
  return merged && 'clash' in merged ? { code: 'clash', target, field: merged.clash } : null
}
