import { EvenflowError } from '../../contract/errors.ts'
import type { JobDetail, Parameter } from '../../contract/http-api.ts'
import type { Hints, ViewDefinition } from '../../definition/model.ts'
import type { Layers, ParameterKey, ParameterSource } from '../../definition/parameters.ts'
import { PARAMETER_KEYS, PARAMETERS, describeParameter, resolveParameters } from '../../definition/parameters.ts'
import type { ConsoleContext } from '../context.ts'

/** What no job reads: streams, releases and the supervisor do. */
const NOT_A_JOBS: readonly ParameterKey[] = [
  'streamRetention',
  'demoSpeed',
  'restartBackoff',
  'gateLagRecords',
  'gateMaxEventTimeDelta',
  'gateSamples',
  'gateSampleInterval',
  'releaseMode',
  'releaseApproval',
  'cutoverHours',
  'backfillThrottle',
  'soakTime',
]

type Target = { view?: string; stream?: string; job?: number; version?: number; hints?: Hints }

/** All parameters with the value in force at `scope` (system, view:NAME, stream:NAME, job:ID) and where it comes from. */
export async function listParameters(ctx: ConsoleContext, scope = 'system'): Promise<{ items: Parameter[] }> {
  const target = await targetOf(ctx, scope)
  const { layers, rows } = await layersOf(ctx, target)
  const effective = resolveParameters(layers)
  const kind = scope.split(':', 1)[0]!
  const shown = PARAMETER_KEYS.filter(
    (key) => kind === 'system' || (PARAMETERS[key].scopes as readonly string[]).includes(kind) || effective[key].source !== 'default',
  )
  return {
    items: shown.map((key) => {
      const { value, source } = effective[key]
      const from = sourceText(source, target)
      const row = rows.find((one) => one.key === key && one.scope === from)
      return {
        ...(describeParameter(key, effective.order.value) as Omit<Parameter, 'value' | 'source' | 'updatedAt' | 'updatedBy'>),
        value,
        source: from,
        updatedAt: row?.updatedAt.toISOString() ?? null,
        updatedBy: row?.updatedBy ?? null,
      }
    }),
  }
}

/** Those that a job reads, for its page. `historyEventTime` is kept with the job's start. */
export async function effectiveForJob(
  ctx: ConsoleContext,
  job: { id: number; viewId: string; version: number; startFrom: unknown; parallelism: number },
): Promise<JobDetail['parameters']> {
  const target = await jobTarget(ctx, job)
  const effective = resolveParameters((await layersOf(ctx, target, job)).layers)
  return PARAMETER_KEYS.filter((key) => !NOT_A_JOBS.includes(key)).map((key) => ({
    key,
    value: effective[key].value,
    source: sourceText(effective[key].source, target),
    effect: PARAMETERS[key].effect,
  }))
}

async function targetOf(ctx: ConsoleContext, scope: string): Promise<Target> {
  const [kind, ...rest] = scope.split(':')
  const name = rest.join(':')
  const missing = () => new EvenflowError('not_found', `There is no ${kind} ${name}.`)
  if (kind === 'system') return {}
  if (kind === 'stream') {
    if ((await ctx.db.stream.count({ where: { name } })) === 0) throw missing()
    return { stream: name }
  }
  if (kind === 'view') {
    const view = await ctx.db.view.findUnique({ where: { name }, include: { stream: { select: { name: true } } } })
    if (!view) throw missing()
    return { view: name, stream: view.stream.name, hints: await hintsOf(ctx, view.id, view.latestVersion) }
  }
  const job = kind === 'job' && /^\d+$/.test(name) ? await ctx.db.job.findUnique({ where: { id: Number(name) } }) : null
  if (job) return jobTarget(ctx, job)
  if (kind === 'job') throw missing()
  throw new EvenflowError('bad_request', `${scope} is no scope.`, { hint: 'Scopes are system, view:NAME, stream:NAME and job:ID.' })
}

async function jobTarget(ctx: ConsoleContext, job: { id: number; viewId: string; version: number }): Promise<Target> {
  const view = await ctx.db.view.findUniqueOrThrow({ where: { id: job.viewId }, include: { stream: { select: { name: true } } } })
  return { job: job.id, view: view.name, stream: view.stream.name, hints: await hintsOf(ctx, view.id, job.version) }
}

async function hintsOf(ctx: ConsoleContext, viewId: string, version: number): Promise<Hints> {
  const row = await ctx.db.viewVersion.findUnique({ where: { viewId_version: { viewId, version } }, select: { definition: true } })
  return (row?.definition as unknown as ViewDefinition | undefined)?.hints ?? {}
}

async function layersOf(ctx: ConsoleContext, target: Target, job?: { startFrom: unknown; parallelism: number }) {
  const scopes = [
    'system',
    ...(target.view ? [`view:${target.view}`] : []),
    ...(target.stream ? [`stream:${target.stream}`] : []),
    ...(target.job ? [`job:${target.job}`] : []),
  ]
  const rows = await ctx.db.parameter.findMany({ where: { scope: { in: scopes } } })
  const layer = (scope: string) => Object.fromEntries(rows.filter((row) => row.scope === scope).map((row) => [row.key, row.value]))
  const { historyEventTimeMs } = (job?.startFrom ?? {}) as { historyEventTimeMs?: number | null }
  // what its release asked for; what nobody asked for is the default, not the job's
  const started = job && {
    ...(historyEventTimeMs != null && { historyEventTime: historyEventTimeMs }),
    ...(job.parallelism !== PARAMETERS.parallelism.default && { parallelism: job.parallelism }),
  }
  const layers: Layers = {
    system: layer('system'),
    ...(target.stream && { stream: layer(`stream:${target.stream}`) }),
    ...(target.view && { view: layer(`view:${target.view}`) }),
    ...(target.job && { job: { ...started, ...layer(`job:${target.job}`) } }),
    ...(target.hints && { hints: target.hints }),
  }
  return { layers, rows }
}

function sourceText(source: ParameterSource, target: Target): string {
  if (source === 'view') return `view:${target.view}`
  if (source === 'hint') return `hint:${target.view}`
  if (source === 'stream') return `stream:${target.stream}`
  if (source === 'job') return `job:${target.job}`
  return source
}
