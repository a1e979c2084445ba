/**
 * Features by key: asked of the authoritative job's memory; while it is down, answered from the online store and marked
 * `catchingUp`, never an error and never older than what was served.
 */
import type { FeatureRow, FeaturesAnswer, FeaturesRequest } from '../../contract/engine-api.ts'
import { EvenflowError } from '../../contract/errors.ts'
import type { Db } from '../../db/client.ts'
import { fallsWithTime } from '../../definition/functions.ts'
import type { SourceSchema, ViewDefinition } from '../../definition/model.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { parseIsoTimestamp } from '../compile/timestamp.ts'
import { named, storedFeatures } from '../job/stored-row.ts'
import { planView } from '../plan/plan.ts'
import { openOnlineBrowser, type OnlineBrowser } from '../sink/online-store.ts'
import { PlainKeyedOperator } from '../state/plain-operator.ts'
import { WindowOperator } from '../state/window-operator.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'
import { sourceOf } from '../supervise/source-streams.ts'
import type { Supervisor } from '../supervise/supervisor.ts'
import { JobUnreachable, openJobReader, type JobReader } from './job-reader.ts'

const AUTHORITY_KNOWN_FOR_MS = 200

export interface ViewAuthority {
  readonly viewId: string
  readonly view: string
  readonly jobId: number
  readonly version: number
  readonly definition: ViewDefinition
  readonly stream: SourceSchema
}

export interface FeatureReads {
  authority(view: string): Promise<ViewAuthority>
  browser(at: { view: string; version: number; jobId: number }): OnlineBrowser | undefined
  read(request: FeaturesRequest): Promise<FeaturesAnswer>
  close(): Promise<void>
}

/** A key that nothing is known of: what its features are over no events at all. */
function unknownKey({ definition, stream }: ViewAuthority, nowMs: number) {
  const evaluator = compileEvaluator(planView(definition, stream))
  const options = { evaluator, order: 'arrival' as const, allowedLatenessMs: 0, clockSlackMs: 0 }
  const empty = definition.group ? new WindowOperator(options) : new PlainKeyedOperator(options)
  const { status, values, window } = empty.read('', nowMs, 0)
  const features = named(
    definition.features.map(({ name }) => name),
    values,
  )
  return {
    status,
    features,
    asOf: null,
    evaluatedAt: new Date(nowMs).toISOString(),
    ageMs: null,
    version: null,
    ...(window !== undefined && { window }),
  }
}

export function featureReads(deps: { db: Db; dataDir: string; now: () => number; supervisor: () => Supervisor }): FeatureReads {
  const authorities = new Map<string, { value: Promise<ViewAuthority>; untilMs: number }>()
  const readers = new Map<number, JobReader>()
  const browsers = new Map<string, OnlineBrowser>()

  async function lookUp(view: string): Promise<ViewAuthority> {
    const row = await deps.db.view.findUnique({ where: { name: view }, include: { authority: true } })
    if (!row) throw new EvenflowError('not_found', `There is no view ${view}.`)
    if (row.authority?.jobId == null)
      throw new EvenflowError('not_ready', `The view ${view} has not been released yet.`, {
        hint: 'Release a version of it; it can be read when the release is done.',
      })
    const { jobId, version } = row.authority
    const definition = await definitionOf(deps.db, row.id, version)
    return { viewId: row.id, view, jobId, version, definition, stream: await sourceOf(deps.db, definition) }
  }

  function authority(view: string): Promise<ViewAuthority> {
    const known = authorities.get(view)
    if (known && known.untilMs > deps.now()) return known.value
    const value = lookUp(view)
    authorities.set(view, { value, untilMs: deps.now() + AUTHORITY_KNOWN_FOR_MS })
    value.catch(() => authorities.delete(view))
    return value
  }

  function browser(at: { view: string; version: number; jobId: number }): OnlineBrowser | undefined {
    const id = `${at.view}/${at.version}/${at.jobId}`
    const open = browsers.get(id) ?? openOnlineBrowser({ dataDir: deps.dataDir, ...at })
    if (open) browsers.set(id, open)
    return open
  }

  function fromStore(of: ViewAuthority, keys: FeaturesRequest['keys'], atMs: number | undefined): FeatureRow[] {
    if (atMs !== undefined)
      throw new EvenflowError('not_ready', "The job is starting again; a read at an instant of one's own needs its memory.", {
        hint: 'Try again in a few seconds, or read without `at`.',
      })
    const store = browser(of)
    const { key: keyFields, features, windows, hints } = of.definition
    const view = {
      features: features.map(({ name }) => name),
      hasLifetimeWindow:
        windows.some(({ mode, start }) => mode === 'rows' || start.kind === 'unbounded') || of.definition.code !== undefined,
      isGroup: of.definition.group !== undefined,
      falls: !of.definition.group && planView(of.definition, of.stream).aggregates.some(({ expr }) => fallsWithTime(expr.fn)),
    }
    const nowMs = deps.now()
    // With the event clock only the job knows what time it is.
    const clockMs = hints.readClock === 'event' ? Number.NEGATIVE_INFINITY : nowMs
    let unknown: ReturnType<typeof unknownKey> | undefined // compiled once a request, not once a key
    return keys.map((key) => {
      const row = store?.get(JSON.stringify(keyFields.map((name) => key[name])))
      const shown = Object.fromEntries(keyFields.map((name) => [name, key[name] ?? null]))
      if (!row) return { key: shown, ...(unknown ??= unknownKey(of, nowMs)), complete: false, catchingUp: true }
      const { momentMs: _, ...stored } = storedFeatures(view, row, clockMs)
      return { key: shown, ...stored, complete: false }
    })
  }

  return {
    authority,
    browser,
    async read(request) {
      const of = await authority(request.view)
      for (const key of request.keys) {
        const missing = of.definition.key.find((name) => key[name] === undefined)
        if (missing !== undefined)
          throw new EvenflowError(
            'bad_request',
            `A key of ${request.view} has the field${of.definition.key.length > 1 ? 's' : ''} ${of.definition.key.join(', ')}; \`${missing}\` is missing in ${JSON.stringify(key).slice(0, 200)}.`,
          )
        const unknown = Object.keys(key).find((name) => !of.definition.key.includes(name))
        if (unknown !== undefined)
          throw new EvenflowError(
            'bad_request',
            `\`${unknown}\` is no key field of ${request.view}; its key is ${of.definition.key.join(', ')}.`,
          )
      }
      const atMs = request.at === undefined ? undefined : typeof request.at === 'number' ? request.at : parseIsoTimestamp(request.at)
      if (atMs === null)
        throw new EvenflowError(
          'bad_request',
          `\`at\` is "${String(request.at).slice(0, 60)}"; it must be epoch milliseconds or ISO 8601 with zone.`,
        )
      const head = { view: request.view, version: of.version, jobId: of.jobId }
      const job = deps.supervisor().jobs.get(of.jobId)
      if (job?.alive && job.observed === 'RUNNING') {
        let reader = readers.get(of.jobId)
        if (!reader) readers.set(of.jobId, (reader = openJobReader(job.socketPath)))
        try {
          return { ...head, rows: await reader.read(request.keys, atMs) }
        } catch (error) {
          if (!(error instanceof JobUnreachable)) throw error
        }
      }
      return { ...head, rows: fromStore(of, request.keys, atMs) }
    },
    async close() {
      for (const reader of readers.values()) reader.close()
      for (const open of browsers.values()) await open.close()
    },
  }
}
