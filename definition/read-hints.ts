/** Hints: `/*+ ORDER('event_time') READ_CLOCK('event') *\/` comments, anywhere in the text. */
import { problem } from './check-view.ts'
import type { Hints, Problem } from './model.ts'
import type { SqlTokens } from './sql-tokens.ts'
import { didYouMean } from './suggest.ts'

const VALUES = { order: ['arrival', 'event_time'], readClock: ['wall', 'event'] } as const
const BY_NAME: Record<string, keyof Hints> = { order: 'order', readclock: 'readClock' }
/** Hints of later builds: the rest of the language's own, and the view-scoped parameters by name. */
const LATER = new Set(
  'maxrows precision parallelism parallelby outoforderness allowedlateness idletimeout futureskew ttl checkpointinterval checkpointtimeout checkpointminpause checkpointtolerablefailures checkpointretention batchsize memorylimit deadletterratelimit onlinestore history historyretention forward'.split(
    ' ',
  ),
)

export function readHints(tokens: SqlTokens): { hints: Hints; problems: Problem[] } {
  const hints: Hints = {}
  const problems: Problem[] = []
  for (const comment of tokens.comments) {
    if (!comment.text.startsWith('/*+')) continue
    readComment(comment.text, comment.start, tokens, hints, problems)
  }
  return { hints, problems }
}

function readComment(text: string, startByte: number, tokens: SqlTokens, hints: Hints, problems: Problem[]): void {
  const body = text.slice(3, -2)
  const hint = /\s*,?\s*(?:([A-Za-z_][A-Za-z_0-9]*)\s*(?:\(((?:[^()']|'(?:[^']|'')*')*)\))?|(\S+))\s*/y
  const bytesTo = (unit: number) => startByte + new TextEncoder().encode(text.slice(0, 3 + unit)).length
  while (hint.lastIndex < body.length) {
    const from = hint.lastIndex
    const match = hint.exec(body)
    if (!match?.[0]) break
    const [whole, name, argument, rubbish] = match
    const start = bytesTo(from + whole.indexOf(name ?? rubbish ?? ''))
    const place = tokens.source.span(start, start + new TextEncoder().encode(name ?? rubbish ?? '').length)
    const normal = name?.toLowerCase().replaceAll('_', '')
    const key = normal !== undefined && Object.hasOwn(BY_NAME, normal) ? BY_NAME[normal] : undefined
    if (name === undefined)
      problems.push(
        problem(
          'bad_hint',
          place,
          `a hint is a name with its value in parentheses, this is "${rubbish?.slice(0, 40)}"`,
          "ORDER('event_time')",
        ),
      )
    else if (!key) {
      if (normal && LATER.has(normal)) problems.push(problem('not_yet', place, `the hint ${name} is not available yet`))
      else
        problems.push(
          problem(
            'unknown_hint',
            place,
            `there is no hint ${name}`,
            didYouMean(name, ['ORDER', 'READ_CLOCK']) ?? "hints are ORDER('arrival' | 'event_time') and READ_CLOCK('wall' | 'event')",
          ),
        )
    } else {
      const value =
        argument
          ?.trim()
          .replace(/^'(.*)'$/s, '$1')
          .toLowerCase() ?? ''
      const allowed: readonly string[] = VALUES[key]
      if (!allowed.includes(value))
        problems.push(
          problem('bad_hint', place, `${name} takes ${allowed.map((one) => `'${one}'`).join(' or ')}`, didYouMean(value, allowed)),
        )
      else if (hints[key] !== undefined && hints[key] !== value)
        problems.push(problem('bad_hint', place, `${name} is given twice, with different values`))
      else Object.assign(hints, { [key]: value })
    }
  }
}
