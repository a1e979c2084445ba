/** The command line of `evenflow replay`. */
import { parseArgs } from 'node:util'
import { UseError } from './use-error.ts'

export interface ReplayArguments {
  readonly project: string
  readonly events: readonly { readonly stream: string; readonly file: string }[]
  readonly out: string
  readonly report: string | undefined
  readonly order: 'arrival' | 'event_time' | undefined
  readonly parallelism: number | undefined
  readonly checkpointEvery: number | undefined
  readonly crashAfter: number | undefined
  /** set in the engine's own process of a run that crashes: where its checkpoints stand */
  readonly state: string | undefined
}

export const USAGE =
  'evenflow replay project.json --events NAME=FILE.ndjson… [--order arrival|event_time] [--parallelism N] [--checkpoint-every N] [--crash-after N] [--report FILE] --out FILE.ndjson'

/** @throws UseError */
export function readArguments(argv: readonly string[]): ReplayArguments {
  const { values, positionals } = parse(argv)
  const isEvents = (text: string) => /^[\p{L}_][\p{L}\p{N}_]*=/u.test(text)
  const [project, ...rest] = positionals.filter((text) => !isEvents(text))
  if (!project) throw new UseError(`there is no project file\n${USAGE}`)
  if (rest.length > 0) throw new UseError(`\`${rest[0]}\` is one file too many\n${USAGE}`)
  const events = [...(values.events ?? []), ...positionals.filter(isEvents)].map((text) => {
    const at = text.indexOf('=')
    if (at < 1 || at === text.length - 1) throw new UseError(`--events takes NAME=FILE, not \`${text}\``)
    return { stream: text.slice(0, at), file: text.slice(at + 1) }
  })
  if (events.length === 0) throw new UseError(`--events is missing: there is nothing to replay\n${USAGE}`)
  if (!values.out) throw new UseError(`--out is missing\n${USAGE}`)
  const { order } = values
  if (order !== undefined && order !== 'arrival' && order !== 'event_time')
    throw new UseError(`--order is arrival or event_time, not \`${order}\``)
  return {
    project,
    events,
    out: values.out,
    report: values.report,
    order,
    parallelism: count(values.parallelism, '--parallelism', 1, 128),
    checkpointEvery: count(values['checkpoint-every'], '--checkpoint-every', 1),
    crashAfter: count(values['crash-after'], '--crash-after', 0),
    state: values.state,
  }
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        events: { type: 'string', multiple: true },
        out: text,
        report: text,
        order: text,
        parallelism: text,
        'checkpoint-every': text,
        'crash-after': text,
        state: text,
      },
    })
  } catch (error) {
    throw new UseError(`${(error as Error).message}\n${USAGE}`)
  }
}

function count(text: string | undefined, name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new UseError(`${name} is a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}, not \`${text}\``)
  return value
}
