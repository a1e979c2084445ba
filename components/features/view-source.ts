/** What a view's features are computed of, as the screens show it: a stream, or the columns of a union. Pure. */
import type { Stream } from '../../contract/http-api.ts'
import { type Field, UNION_EVENT_TIME, type ViewDefinition } from '../../definition/model.ts'
import { columnsOf, type FormUnion, unionOf } from './form-union.ts'

/** Of a union the first stream's, with the union's name and columns; what stands in the logs counts together. */
export function sourceOfForm(
  { stream, union }: { stream: string; union: FormUnion | null },
  streams: readonly Stream[],
): Stream | undefined {
  if (!union) return streams.find(({ name }) => name === stream)
  const first = streams.find(({ name }) => name === union.branches[0]?.stream)
  return first && { ...first, name: stream, eventTime: UNION_EVENT_TIME, fields: columnsOf(union, streams), stats: null }
}

export const sourceOfView = ({ stream, union }: ViewDefinition, streams: readonly Stream[]): Stream | undefined =>
  sourceOfForm({ stream, union: union ? unionOf(union) : null }, streams)

/** The streams that it reads, each once. */
export const streamNames = (form: { stream: string; union: FormUnion | null } | null): string =>
  form?.union ? [...new Set(form.union.branches.map(({ stream }) => stream))].join(' ∪ ') : (form?.stream ?? '')

/** Fields that a text of the view may name: those of the view, and of each stream where there is a union. */
export function wordsOf(form: { stream: string; union: FormUnion | null } | null, streams: readonly Stream[]): Field[] {
  if (!form) return []
  const own = sourceOfForm(form, streams)?.fields ?? []
  const ofBranches = form.union?.branches.flatMap(({ stream }) => streams.find(({ name }) => name === stream)?.fields ?? []) ?? []
  return [...own, ...ofBranches.filter(({ name }, i) => [...own, ...ofBranches.slice(0, i)].every((other) => other.name !== name))]
}
