/**
 * What feature code may not say. Its answers must follow from its events alone, so that a replay, a restore and a second job answer
 * the same: no clock, no randomness, no files, sockets or timers of its own, and no state but the declared one.
 */
import { maskCode } from './mask.ts'

export type SourceProblem = { line: number; message: string }

const TIME = 'the time is ctx.eventTimeMs'
const NO_OUTSIDE = 'a feature has no way outside: what it needs comes in as an input'
const RULES: readonly { pattern: RegExp; why: string }[] = [
  { pattern: /(?<![\w$.])Date\s*\.\s*(now|parse)\b/g, why: TIME },
  { pattern: /\bnew\s+Date\b\s*(\(\s*\)|(?!\s*\())/g, why: TIME },
  { pattern: /(?<![\w$.]|new\s)Date\s*\(/g, why: TIME },
  { pattern: /\bMath\s*(\.\s*random\b|\[)/g, why: 'take ctx.random(): the same numbers in every run' },
  { pattern: /(?<![\w$.])(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, why: 'set a timer with ctx.timers' },
  { pattern: /(?<![\w$.])(performance)\b(?!\s*:)/g, why: TIME },
  {
    pattern: /(?<![\w$.])(process|require|globalThis|global|fetch|eval|Function|WebAssembly|Atomics|SharedArrayBuffer)\b(?!\s*:)/g,
    why: NO_OUTSIDE,
  },
  { pattern: /(?<![\w$.])(Intl)\b|\.\s*(toLocale\w*|localeCompare)\b/g, why: "it answers by the machine's language" },
  { pattern: /(?<![\w$.])console\b(?!\s*:)/g, why: 'write with ctx.log' },
  { pattern: /(?<![\w$.])(async|await|Promise)\b(?!\s*:)/g, why: 'a feature answers at once' },
  { pattern: /(?<![\w$])import\s*(\(|\.\s*meta)/g, why: NO_OUTSIDE },
  { pattern: /\.\s*constructor\b|\b__proto__\b/g, why: NO_OUTSIDE },
]

const KEPT_OUTSIDE = 'what is kept between events belongs into `state`: only that is saved, moved and restored'

/** `source`: JavaScript. */
export function scanSource(source: string): SourceProblem[] {
  const code = maskCode(source)
  const lineAt = (index: number): number => code.slice(0, index).split('\n').length
  const problems: SourceProblem[] = []
  for (const { pattern, why } of RULES)
    for (const match of code.matchAll(pattern))
      problems.push({ line: lineAt(match.index), message: `${match[0].trim().replace(/\s*[([]$/, '')} is not for features: ${why}` })
  const top = topLevel(code)
  for (const match of top.matchAll(/\b(let|var)\s+([\w$]+)|\bnew\s+(Map|Set|WeakMap|WeakSet|Array)\b/g))
    problems.push({ line: lineAt(match.index), message: `${match[0]} at the top of a file: ${KEPT_OUTSIDE}` })
  return problems.sort((a, b) => a.line - b.line)
}

/** The text with everything inside braces blanked. */
function topLevel(code: string): string {
  let depth = 0
  return code.replace(/[^\n]/g, (char) => {
    if (char === '{') depth++
    if (char === '}') depth--
    return depth === 0 && char !== '}' ? char : ' '
  })
}
