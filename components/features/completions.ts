import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { AGGREGATE_NAMES, SCALAR_NAMES } from '../../definition/functions.ts'

export type CompletionWords = {
  fields: { name: string; type: string }[]
  features: string[]
  windows: string[]
  streams: string[]
  code: { name: string; usage: string; doc: string }[]
}

const AGGREGATES = AGGREGATE_NAMES.map((name) => name.toUpperCase())
const SCALARS = SCALAR_NAMES.map((name) => name.toUpperCase())
const KEYWORDS = [
  'SELECT',
  'FROM',
  'WHERE',
  'WINDOW',
  'OVER',
  'AS',
  'FILTER (WHERE )',
  'PARTITION BY',
  'GROUP BY',
  'window_start',
  'window_end',
  'ORDER BY event_time',
  'DISTINCT',
  'AND',
  'OR',
  'NOT',
  'IS NULL',
  'IS NOT NULL',
  'CASE WHEN',
  'THEN',
  'ELSE',
  'END',
  'IN',
  'LIKE',
  'BETWEEN',
  'CURRENT ROW',
  'PRECEDING',
  'UNBOUNDED PRECEDING',
  'ROWS BETWEEN',
  'RANGE BETWEEN',
  'EXCLUDE CURRENT ROW',
  'EXCLUDE TIES',
  'EXCLUDE GROUP',
]
const FRAMES = [
  ...['1 HOUR', '3 HOUR', '1 DAY', '7 DAY', '30 DAY'].map((text) => {
    const [count, unit] = text.split(' ')
    return `RANGE BETWEEN INTERVAL '${count}' ${unit} PRECEDING AND CURRENT ROW`
  }),
  'ROWS BETWEEN 9 PRECEDING AND CURRENT ROW',
  'ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING',
  "TUMBLE(event_time, INTERVAL '1' HOUR)",
  "HOP(event_time, INTERVAL '5' MINUTE, INTERVAL '1' HOUR)",
  "SESSION(event_time, INTERVAL '30' MINUTE)",
]
/** Inside a hint comment. */
const HINTS = ["ORDER('event_time')", "READ_CLOCK('event')", 'MAX_ROWS(w, 100)', "PRECISION(w, '1 hour')"]

/** What may come next: after OVER a window, after FROM a stream, else fields, features, functions and keywords. */
export function completions(context: CompletionContext, words: CompletionWords): CompletionResult | null {
  const word = context.matchBefore(/[\p{L}\p{N}_]*/u)
  if (!word || (word.from === word.to && !context.explicit)) return null
  const before = context.state.sliceDoc(Math.max(0, word.from - 24), word.from).toLowerCase()
  const options = (labels: string[], type: string, detail?: string, boost = 0): Completion[] =>
    labels.map((label) => ({ label, type, ...(detail && { detail }), boost }))
  if (/\bover\s+$/.test(before)) return { from: word.from, options: options(words.windows, 'variable', 'window') }
  if (/\bfrom\s+$/.test(before)) return { from: word.from, options: options(words.streams, 'class', 'stream') }
  if (/\/\*\+(?:(?!\*\/).)*$/s.test(context.state.sliceDoc(0, word.from))) return { from: word.from, options: options(HINTS, 'keyword') }
  return {
    from: word.from,
    options: [
      ...words.fields.map((field): Completion => ({ label: field.name, type: 'property', detail: field.type, boost: 3 })),
      ...options(words.features, 'variable', 'feature', 2),
      ...options(words.windows, 'variable', 'window', 1),
      ...AGGREGATES.map(
        (name): Completion => ({
          label: name,
          type: 'function',
          detail: 'over a window',
          apply: name === 'COUNT' ? 'COUNT(*) OVER ' : `${name}(`,
        }),
      ),
      ...words.code.map(
        ({ name, usage, doc }): Completion => ({
          label: name,
          type: 'function',
          detail: 'TypeScript',
          info: doc || usage,
          apply: usage,
          boost: 1,
        }),
      ),
      ...SCALARS.map((name): Completion => ({ label: name, type: 'function', apply: `${name}(` })),
      ...options(KEYWORDS, 'keyword', undefined, -1),
      ...options(FRAMES, 'keyword', undefined, -2),
    ],
  }
}
