/** The HTTP API as OpenAPI 3.1, generated from the zod shapes that the routes parse and answer with. A test holds this list against the route files. */
import { z } from 'zod'
import * as engine from './engine-api.ts'
import { ErrorBody } from './errors.ts'
import * as http from './http-api.ts'
import { CheckpointReport } from './job-ipc.ts'
import { ReleaseCheck } from './release-check.ts'

type Method = 'get' | 'post' | 'put' | 'delete'
export type Operation = {
  method: Method
  /** with parameters in braces, from the server's root */
  path: string
  summary: string
  query?: Record<string, string>
  input?: z.ZodType
  /** a body that is no JSON value */
  inputType?: string
  output?: z.ZodType
  outputType?: string
  status?: number
  /** needs nobody signed in */
  open?: boolean
}

const pageQuery = { cursor: 'nextCursor of the page before', limit: 'rows a page, at most 200' }
const v1 = '/api/v1'
const ok = z.object({ ok: z.boolean().optional() })
const idAnswer = z.object({ id: z.string() })

export const operations: Operation[] = [
  { method: 'get', path: '/healthz', summary: 'Does the console answer, does the engine?', output: http.Health, open: true },
  { method: 'get', path: `${v1}/openapi.json`, summary: 'This document.', output: z.looseObject({ openapi: z.string() }), open: true },
  { method: 'get', path: `${v1}/me`, summary: 'Who asks.', output: http.Me },
  {
    method: 'get',
    path: `${v1}/session`,
    summary: 'Who is signed in, and what the entry page offers.',
    output: http.SessionState,
    open: true,
  },
  { method: 'post', path: `${v1}/session/demo`, summary: 'Go on as the demo user; from this machine only.', output: ok, open: true },
  { method: 'post', path: `${v1}/setup`, summary: 'Make the first administrator.', input: http.Setup, output: ok, open: true },
  { method: 'post', path: `${v1}/sign-in`, summary: 'Sign in; sets the session cookie.', input: http.SignIn, output: ok, open: true },
  { method: 'post', path: `${v1}/sign-out`, summary: 'End the session.', output: ok, open: true },
  { method: 'get', path: `${v1}/overview`, summary: 'Counts for the start page and the sidebar.', output: http.Overview },
  { method: 'get', path: `${v1}/guide`, summary: 'The five steps of the first hour.', output: http.Guide },

  { method: 'get', path: `${v1}/streams`, summary: 'All streams.', output: http.list(http.Stream) },
  { method: 'post', path: `${v1}/streams`, summary: 'Make a stream.', input: http.CreateStream, output: http.Stream, status: 201 },
  {
    method: 'post',
    path: `${v1}/streams/infer`,
    summary: 'What pasted events look like.',
    input: http.InferStream,
    output: http.InferredStream,
  },
  { method: 'get', path: `${v1}/streams/{name}`, summary: 'One stream.', output: http.Stream },
  {
    method: 'get',
    path: `${v1}/streams/{name}/events`,
    summary: 'Events as they stand in the log.',
    query: { partition: 'from 0', offset: 'first offset; negative: from the end', limit: 'at most 500' },
    output: engine.StreamEvents,
  },
  {
    method: 'post',
    path: `${v1}/streams/{name}/events`,
    summary: 'Append events: NDJSON or a JSON array, at most 10 MB.',
    inputType: 'application/x-ndjson',
    output: engine.IngestAnswer,
  },
  {
    method: 'get',
    path: `${v1}/streams/{name}/dead-letters`,
    summary: 'Records that could not become events.',
    query: { ...pageQuery, late: 'true: late ones only; false: the others' },
    output: http.list(http.DeadLetter),
  },

  { method: 'get', path: `${v1}/views`, summary: 'All feature views.', output: http.list(http.View) },
  {
    method: 'post',
    path: `${v1}/views`,
    summary: 'Save a view or its next version (201); an equal definition makes none (200).',
    input: http.CreateView,
    output: http.SavedView,
    status: 201,
  },
  {
    method: 'post',
    path: `${v1}/views/check`,
    summary: 'What a definition means and what is wrong with it.',
    input: http.SqlOrDefinition,
    output: http.CheckAnswer,
  },
  {
    method: 'post',
    path: `${v1}/views/preview`,
    summary: 'Values of a definition on the newest events.',
    input: http.PreviewInput,
    output: engine.PreviewAnswer,
  },
  {
    method: 'post',
    path: `${v1}/views/preview/duckdb`,
    summary: 'The same rows by DuckDB, compared.',
    input: http.PreviewInput,
    output: engine.DuckdbCheckAnswer,
  },
  { method: 'get', path: `${v1}/views/{name}`, summary: 'One view.', output: http.View },
  { method: 'get', path: `${v1}/views/{name}/versions`, summary: 'Its versions, newest first.', output: http.list(http.ViewVersion) },
  { method: 'get', path: `${v1}/views/{name}/versions/{version}`, summary: 'One version.', output: http.ViewVersion },
  {
    method: 'get',
    path: `${v1}/views/{name}/diff`,
    summary: 'What one version changes against another.',
    query: { from: 'version', to: 'version' },
    output: http.ViewDiff,
  },
  {
    method: 'get',
    path: `${v1}/views/{name}/online`,
    summary: 'Rows of the online store.',
    query: { limit: 'at most 500', after: 'nextCursor of the page before', search: 'part of a key' },
    output: engine.OnlineRows,
  },
  {
    method: 'get',
    path: `${v1}/views/{name}/history`,
    summary: 'Every row that was produced, newest first.',
    query: { limit: 'at most 500', before: 'nextCursor of the page before', key: 'canonical key text' },
    output: engine.HistoryRows,
  },

  {
    method: 'get',
    path: `${v1}/releases`,
    summary: 'All releases, newest first.',
    query: { ...pageQuery, view: 'of this view only' },
    output: http.list(http.Release),
  },
  {
    method: 'post',
    path: `${v1}/releases/check`,
    summary:
      'What that release would do, judged against what runs now: features, tables, rows, time, memory, who reads, and whether it can proceed.',
    input: http.CreateRelease,
    output: ReleaseCheck,
  },
  {
    method: 'post',
    path: `${v1}/releases`,
    summary: 'Ask for a release; what the check refuses is refused here too.',
    input: http.CreateRelease,
    output: http.Release,
    status: 201,
  },
  {
    method: 'get',
    path: `${v1}/releases/{id}`,
    summary: 'One release: steps, gates, facts, progress, what may be done.',
    output: http.Release,
  },
  {
    method: 'post',
    path: `${v1}/releases/{id}/actions/{action}`,
    summary: 'approve, cutover, abort, rollback, finish, overrule: what allowedActions offers.',
    input: http.ReleaseActionInput,
    output: http.Release,
  },

  {
    method: 'get',
    path: `${v1}/jobs`,
    summary: 'All jobs, newest first.',
    query: { view: 'of this view only' },
    output: http.list(http.Job),
  },
  { method: 'get', path: `${v1}/jobs/{id}`, summary: 'One job with its runs, exceptions and parameters.', output: http.JobDetail },
  {
    method: 'post',
    path: `${v1}/jobs/{id}/actions/{action}`,
    summary: 'savepoint (202), checkpoint, stop, restart.',
    input: z.union([http.SavepointInput, http.RestartInput]),
    output: z.union([http.Job, http.Savepoint, CheckpointReport]),
  },
  {
    method: 'get',
    path: `${v1}/jobs/{id}/checkpoints`,
    summary: 'Checkpoint history with counts and summary.',
    query: pageQuery,
    output: http.CheckpointHistory,
  },
  {
    method: 'get',
    path: `${v1}/jobs/{id}/checkpoints/{checkpointId}`,
    summary: 'One checkpoint, by operator and subtask.',
    output: http.CheckpointDetail,
  },
  {
    method: 'get',
    path: `${v1}/savepoints`,
    summary: 'All savepoints, newest first.',
    query: { ...pageQuery, view: 'of this view only', job: 'of this job only' },
    output: http.list(http.Savepoint),
  },
  { method: 'get', path: `${v1}/savepoints/{id}`, summary: 'One savepoint.', output: http.Savepoint },
  {
    method: 'post',
    path: `${v1}/savepoints/{id}/actions/{action}`,
    summary: 'pin, unpin, dispose.',
    input: z.object({ reason: z.string().optional() }),
    output: http.Savepoint,
  },

  {
    method: 'post',
    path: `${v1}/features`,
    summary: 'Read features by key.',
    input: engine.FeaturesRequest,
    output: engine.FeaturesAnswer,
  },
  {
    method: 'get',
    path: `${v1}/live`,
    summary: 'Server-sent events: jobs (LiveJobs) once a second, engine ({ reachable, since }).',
    outputType: 'text/event-stream',
  },

  {
    method: 'get',
    path: `${v1}/code-features`,
    summary: 'The features in TypeScript that views may call, as their files are now.',
    output: http.list(http.CodeFeatureFile),
  },
  {
    method: 'get',
    path: `${v1}/parameters`,
    summary: 'Parameters with the value in force and where it comes from.',
    query: { scope: 'system, view:NAME, stream:NAME or job:ID' },
    output: http.list(http.Parameter),
  },
  {
    method: 'put',
    path: `${v1}/parameters/{key}`,
    summary: 'Set a parameter at a scope; value null: back to the wider one.',
    input: http.PutParameter,
    output: http.Parameter,
  },
  {
    method: 'get',
    path: `${v1}/audit`,
    summary: 'Who did what, newest first.',
    query: { ...pageQuery, targetType: 'stream, view, release, …', targetId: 'its name or id', actor: 'who', action: 'what' },
    output: http.list(http.AuditEntry),
  },
  { method: 'get', path: `${v1}/users`, summary: 'All users.', output: http.list(http.User) },
  { method: 'post', path: `${v1}/users`, summary: 'Make a user.', input: http.CreateUser, output: idAnswer, status: 201 },
  {
    method: 'put',
    path: `${v1}/users/{id}`,
    summary: 'Change a role, shut or open an account.',
    input: http.SetUserRole.omit({ id: true }),
    output: idAnswer,
  },
  { method: 'get', path: `${v1}/tokens`, summary: 'All API tokens, without the tokens themselves.', output: http.list(http.ApiToken) },
  {
    method: 'post',
    path: `${v1}/tokens`,
    summary: 'Make a token; it is shown once.',
    input: http.CreateToken,
    output: http.CreatedToken,
    status: 201,
  },
  { method: 'delete', path: `${v1}/tokens/{id}`, summary: 'Revoke a token.', output: idAnswer },
]

export function openapi(version: string) {
  const shared = new SharedShapes()
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = describe(operation, shared)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Evenflow',
      version,
      description:
        'Real-time features, released without stopping. Times are epoch milliseconds in fields that end in Ms, ISO 8601 elsewhere. Lists are { items, nextCursor? }.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'evenflow.session_token' },
      },
      schemas: { Error: shared.of(ErrorBody, 'output'), ...shared.schemas },
    },
  }
}

function describe({ path, summary, query, input, inputType, output, outputType, status = 200, open }: Operation, shared: SharedShapes) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  const inQuery = Object.entries(query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: { type: 'string' },
  }))
  const content = outputType
    ? { [outputType]: { schema: { type: 'string' } } }
    : output
      ? { 'application/json': { schema: shared.of(output, 'output') } }
      : undefined
  return {
    summary,
    ...(open && { security: [] }),
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(input && { requestBody: { content: { 'application/json': { schema: shared.of(input, 'input') } } } }),
    ...(inputType && {
      requestBody: {
        required: true,
        content: {
          [inputType]: { schema: { type: 'string' } },
          'application/json': { schema: { type: 'array', items: { type: 'object' } } },
        },
      },
    }),
    responses: {
      [status]: { description: summary, ...(content && { content }) },
      default: {
        description: 'An error: what happened, why, what to do next.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

/** Recursive shapes (expressions) come as $defs of each schema; in the document they stand once, among its components. */
class SharedShapes {
  readonly schemas: Record<string, unknown> = {}
  readonly #nameByText = new Map<string, string>()

  of(schema: z.ZodType, io: 'input' | 'output'): unknown {
    const {
      $schema: _,
      $defs = {},
      ...rest
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' }) as Record<string, unknown>
    let text = JSON.stringify(rest)
    for (const [key, definition] of Object.entries($defs as object)) {
      const own = JSON.stringify(definition)
      const name = this.#nameByText.get(own) ?? `Expression${this.#nameByText.size || ''}`
      const rename = (json: string) => json.replaceAll(`"#/$defs/${key}"`, `"#/components/schemas/${name}"`)
      this.#nameByText.set(own, name)
      this.schemas[name] = JSON.parse(rename(own))
      text = rename(text)
    }
    return JSON.parse(text)
  }
}
