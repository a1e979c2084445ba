/**
 * The engine as the console knows it: typed questions over its HTTP API on loopback. Down, slow or talking nonsense
 * comes out as EvenflowError('engine_unreachable'); an error that the engine itself gives keeps its code and sentence.
 */
import { z } from 'zod'
import {
  DuckdbCheckAnswer,
  EngineHealth,
  FeaturesAnswer,
  HistoryRows,
  OnlineRows,
  PreviewAnswer,
  StreamEvents,
  StreamStats,
} from '../contract/engine-api.ts'
import type { FeaturesRequest, PreviewRequest, ReleaseCheckRequest } from '../contract/engine-api.ts'
import { ErrorBody, EvenflowError } from '../contract/errors.ts'
import { CheckpointReport } from '../contract/job-ipc.ts'
import { ReleaseCheck, SavepointCheck } from '../contract/release-check.ts'

export type EngineOptions = {
  baseUrl: string
  token: string | undefined
  /** when the engine was last heard of, ISO 8601; told in the error */
  lastHeard: () => Promise<string | null>
}
type Query = Record<string, string | number | undefined>
const quickMs = 5_000 // an engine that is down refuses at once; this is for one that is busy or stands still
const workMs = 60_000 // previews and DuckDB checks read millions of events

export type EngineClient = ReturnType<typeof createEngineClient>

export function createEngineClient(options: EngineOptions) {
  const unreachable = async (cause: unknown): Promise<EvenflowError> => {
    const since = await options.lastHeard().catch(() => null)
    return new EvenflowError(
      'engine_unreachable',
      since ? `The engine has not been reachable since ${since}.` : 'The engine is not reachable, and has not been heard of yet.',
      {
        hint: 'It is started again by itself; try again in a few seconds. Everything stored stays visible.',
        details: { since },
        cause,
      },
    )
  }

  /** The bare exchange: for bodies that are passed on as they are. Only a network failure throws. */
  async function forward(path: string, init: RequestInit & { timeoutMs?: number } = {}): Promise<Response> {
    const { timeoutMs, signal, ...rest } = init
    const limits = [...(timeoutMs ? [AbortSignal.timeout(timeoutMs)] : []), ...(signal ? [signal] : [])]
    try {
      return await fetch(`${options.baseUrl}${path}`, {
        ...rest,
        headers: {
          ...(rest.headers as Record<string, string> | undefined),
          ...(options.token && { authorization: `Bearer ${options.token}` }),
        },
        ...(limits.length > 0 && { signal: AbortSignal.any(limits) }),
        cache: 'no-store',
      })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw await unreachable(cause)
    }
  }

  async function ask<S extends z.ZodType>(
    schema: S,
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<z.output<S>> {
    const response = await forward(path, {
      method,
      timeoutMs,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    let json: unknown
    try {
      const text = await response.text()
      json = text === '' ? null : JSON.parse(text)
    } catch (cause) {
      throw await unreachable(cause)
    }
    if (!response.ok) {
      const error = ErrorBody.safeParse(json)
      if (error.success) throw new EvenflowError(error.data.error.code, error.data.error.message, error.data.error)
      throw new EvenflowError(
        'internal',
        `The engine answered ${path} with status ${response.status} and no error that the console can read.`,
        { hint: "Look at the engine's log." },
      )
    }
    const parsed = schema.safeParse(json)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw new EvenflowError(
      'internal',
      `The engine's answer to ${path} has an unexpected shape at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}.`,
      {
        hint: 'Console and engine may be of different versions; restart both.',
      },
    )
  }

  const get = <S extends z.ZodType>(schema: S, path: string, query: Query = {}) =>
    ask(schema, 'GET', path + queryText(query), undefined, quickMs)
  const name = encodeURIComponent
  return {
    forward,
    health: () => get(EngineHealth, '/healthz'),
    streamStats: (stream: string) => get(StreamStats, `/streams/${name(stream)}/stats`),
    streamEvents: (stream: string, query: Query) => get(StreamEvents, `/streams/${name(stream)}/events`, query),
    online: (view: string, query: Query) => get(OnlineRows, `/views/${name(view)}/online`, query),
    history: (view: string, query: Query) => ask(HistoryRows, 'GET', `/views/${name(view)}/history${queryText(query)}`, undefined, 15_000),
    preview: (request: PreviewRequest) => ask(PreviewAnswer, 'POST', '/preview', request, workMs),
    duckdb: (request: PreviewRequest) => ask(DuckdbCheckAnswer, 'POST', '/preview/duckdb', request, workMs),
    checkRelease: (request: ReleaseCheckRequest) => ask(ReleaseCheck, 'POST', '/releases/check', request, quickMs),
    checkSavepoint: (id: number) => ask(SavepointCheck, 'POST', `/savepoints/${id}/check`, {}, workMs),
    features: (request: FeaturesRequest) => ask(FeaturesAnswer, 'POST', '/features', request, 10_000),
    savepoint: (jobId: number, savepointId: number) => ask(z.unknown(), 'POST', `/jobs/${jobId}/savepoint`, { savepointId }, 10_000),
    checkpoint: (jobId: number) => ask(CheckpointReport, 'POST', `/jobs/${jobId}/checkpoint`, {}, 150_000),
    /** Best effort: the engine looks by itself within a second anyway. */
    wake: () =>
      forward('/wake', { method: 'POST', timeoutMs: quickMs }).then(
        () => {},
        () => {},
      ),
  }
}

function queryText(query: Query): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value))
  const text = params.toString()
  return text ? `?${text}` : ''
}
