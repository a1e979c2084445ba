/** Events that were pasted for a new stream and could not go in yet: they wait in the browser for the page "Send events". */
import type { IngestAnswer } from '@/contract/engine-api.ts'

const keyOf = (stream: string) => `evenflow-unsent:${stream}`

export const keepUnsent = (stream: string, text: string) => sessionStorage.setItem(keyOf(stream), text)
export const takeUnsent = (stream: string): string => sessionStorage.getItem(keyOf(stream)) ?? ''
export const dropUnsent = (stream: string) => sessionStorage.removeItem(keyOf(stream))

/** The refused lines of a text, to be corrected and sent again. A JSON array has no lines of its own: all of it. */
export function rejectedLines(text: string, answer: IngestAnswer): string {
  if (text.trimStart().startsWith('[')) return text
  const lines = text.split('\n')
  return answer.rejected.map(({ line }) => lines[line - 1] ?? '').join('\n')
}
