/** The routes: each parses, asks one part of the engine and answers in the contract's shape. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  FeaturesRequest,
  type LiveJobs,
  PreviewRequest,
  ReleaseCheckRequest,
  type EngineHealth,
  type StreamEvents,
} from '../../contract/engine-api.ts'
import { EvenflowError } from '../../contract/errors.ts'
import type { ReleaseCheck, SavepointCheck } from '../../contract/release-check.ts'
import type { Db } from '../../db/client.ts'
import { feederOf } from '../../definition/forward-stream.ts'
import type { EngineMetrics } from '../report/prometheus.ts'
import { savepointDamage } from '../release/check/savepoint-finding.ts'
import type { StreamLogs } from '../source/stream-logs.ts'
import { streamSchema } from '../supervise/source-streams.ts'
import type { Supervisor } from '../supervise/supervisor.ts'
import type { PreviewRunner } from '../preview/preview-runner.ts'
import { historyRows, onlineRows } from './browse-rows.ts'
import { ingest, type IngestStream, type RefusedEvent } from './ingest.ts'
import type { FeatureReads } from './read-features.ts'
import { MAX_BODY_BYTES, parseJson } from './server.ts'
import { serveLive } from './live.ts'
import { streamEvents, streamStats } from './stream-events.ts'
import { startSavepoint, takeCheckpoint } from './job-commands.ts'

export interface RouteDeps {
  readonly db: Db
  readonly dataDir: string
  readonly now: () => number
  readonly supervisor: () => Supervisor
  readonly logs: StreamLogs
  readonly reads: FeatureReads
  readonly previews: PreviewRunner
  readonly metrics: EngineMetrics
  readonly check: (asked: ReleaseCheckRequest) => Promise<ReleaseCheck>
  readonly health: () => EngineHealth
}

const STREAM_KNOWN_FOR_MS = 1000
const name = z.object({ name: z.string() })
const view = z.object({ view: z.string() })
const id = z.object({ id: z.coerce.number().int() })

export function addRoutes(server: FastifyInstance, deps: RouteDeps): void {
  const streamOf = streamLookup(deps)
  server.get('/healthz', { config: { access: 'open' } }, async () => deps.health())
  server.get('/metrics', { config: { access: 'tokens' } }, async (_request, reply) => {
    void reply.header('content-type', 'text/plain; version=0.0.4')
    return deps.metrics.text(deps.supervisor().live())
  })
  server.post('/wake', async (_request, reply) => {
    deps.supervisor().wake()
    return reply.code(204).send()
  })
  server.get('/live', (request, reply) => serveLive(request, reply, deps.supervisor()))

  server.post('/streams/:name/events', { config: { access: 'tokens' } }, async (request) => {
    const stream = await streamOf(name.parse(request.params).name)
    const body = request.body as Buffer | undefined
    if (!body || body.length === 0)
      throw new EvenflowError('bad_request', 'The body is empty.', { hint: 'Send NDJSON (an event a line) or a JSON array of objects.' })
    if (body.length > MAX_BODY_BYTES) throw new EvenflowError('too_large', 'The body is over 10 MB. Nothing was taken.')
    const futureSkewMs = deps.supervisor().parameters.ofSystem().futureSkew.value
    const answer = await ingest(body, stream, {
      logs: deps.logs,
      nowMs: deps.now(),
      futureSkewMs,
      keepRefused: (items) => keepRefused(deps, items),
    })
    deps.metrics.ingested.inc({ stream: stream.schema.name, outcome: 'accepted' }, answer.accepted)
    deps.metrics.ingested.inc({ stream: stream.schema.name, outcome: 'rejected' }, answer.rejected.length)
    return answer
  })
  server.get('/streams/:name/events', async (request): Promise<StreamEvents> => {
    const query = z
      .object({
        partition: z.coerce.number().int().min(0).default(0),
        offset: z.coerce.number().int().default(-50),
        limit: z.coerce.number().int().min(1).max(1000).default(50),
      })
      .safeParse(request.query)
    if (!query.success) throw new EvenflowError('bad_request', 'partition, offset and limit (1 to 1000) are whole numbers.')
    const stream = await streamOf(name.parse(request.params).name)
    if (query.data.partition >= stream.partitions)
      throw new EvenflowError(
        'not_found',
        `The stream ${stream.schema.name} has ${stream.partitions} partition(s); there is no ${query.data.partition}.`,
      )
    return streamEvents(deps.dataDir, stream, query.data)
  })
  server.get('/streams/:name/stats', async (request) => {
    const stream = await streamOf(name.parse(request.params).name)
    return streamStats(deps.dataDir, stream, deps.logs, () => forwardedPerSecond(deps.supervisor().live(), stream.schema.name))
  })

  server.post('/features', { config: { access: 'tokens' } }, async (request) => {
    const asked = parseJson(request.body, FeaturesRequest)
    const done = deps.metrics.readSeconds.startTimer({ view: asked.view })
    const answer = await deps.reads.read(asked)
    done()
    return answer
  })
  const page = z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    after: z.string().optional(),
    search: z.string().optional(),
    before: z.string().optional(),
    key: z.string().optional(),
  })
  server.get('/views/:view/online', async (request) => onlineRows(deps.reads, view.parse(request.params).view, page.parse(request.query)))
  server.get('/views/:view/history', async (request) =>
    historyRows(deps.reads, deps.dataDir, view.parse(request.params).view, page.parse(request.query)),
  )

  server.post('/preview', async (request) => deps.previews.preview(parseJson(request.body, PreviewRequest)))
  server.post('/preview/duckdb', async (request) => deps.previews.checkWithDuckdb(parseJson(request.body, PreviewRequest)))

  server.post('/releases/check', async (request) => deps.check(parseJson(request.body, ReleaseCheckRequest)))

  server.post('/savepoints/:id/check', async (request): Promise<SavepointCheck> => {
    const savepointId = id.parse(request.params).id
    const row = await deps.db.savepoint.findUnique({ where: { id: savepointId } })
    if (!row?.path) throw new EvenflowError('not_found', `Savepoint ${savepointId} has no files.`)
    return { damage: await savepointDamage(deps.dataDir, savepointId, row.path) }
  })

  server.post('/jobs/:id/savepoint', async (request, reply) => {
    const { savepointId } = parseJson(request.body, z.object({ savepointId: z.int() }))
    await startSavepoint(deps, id.parse(request.params).id, savepointId)
    return reply.code(202).send({})
  })
  server.post('/jobs/:id/checkpoint', async (request) => takeCheckpoint(deps, id.parse(request.params).id))
}

function streamLookup(deps: RouteDeps): (name: string) => Promise<IngestStream> {
  const known = new Map<string, { stream: IngestStream; text: string; untilMs: number }>()
  return async (streamName) => {
    const cached = known.get(streamName)
    if (cached && cached.untilMs > deps.now()) return cached.stream
    const row = await deps.db.stream.findUnique({ where: { name: streamName } })
    if (!row)
      throw new EvenflowError('not_found', `There is no stream ${streamName}.`, {
        hint: 'Create it first, with POST /api/v1/streams or on the Streams page.',
      })
    const text = JSON.stringify([row.id, row.fields, row.eventTime, row.partitions, row.partitionBy, row.source])
    const stream =
      cached?.text === text
        ? cached.stream
        : {
            id: row.id,
            schema: streamSchema(row),
            partitions: row.partitions,
            partitionBy: row.partitionBy,
            fedBy: feederOf(row.source),
          }
    known.set(streamName, { stream, text, untilMs: deps.now() + STREAM_KNOWN_FOR_MS })
    return stream
  }
}

function forwardedPerSecond({ jobs }: LiveJobs, stream: string): number {
  return jobs.reduce((sum, { metrics }) => sum + (metrics?.forward?.target === stream ? metrics.forward.rowsPerSecond : 0), 0)
}

async function keepRefused({ db, now }: RouteDeps, items: readonly RefusedEvent[]): Promise<void> {
  const receivedAt = new Date(now())
  for (let i = 0; i < items.length; i += 200)
    await db.deadLetter.createMany({ data: items.slice(i, i + 200).map((item) => ({ ...item, receivedAt })) })
}
