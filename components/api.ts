/** The way of every screen to the server: a typed fetch. What comes back is parsed with the contract's schema; what fails is an EvenflowError. */
import type { z } from 'zod'
import { EvenflowError, errorStatus, type ErrorCode } from '@/contract/errors.ts'

export type Request = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  body?: unknown
  text?: string
  contentType?: string
  signal?: AbortSignal
}

/** `path` stands under /api/v1. Throws EvenflowError only (or AbortError when the caller gave up). */
export async function api<S extends z.ZodType>(schema: S, path: string, request: Request = {}): Promise<z.infer<S>> {
  const answer = await send(path, request)
  const parsed = schema.safeParse(answer)
  if (!parsed.success) {
    const first = parsed.error.issues[0]
    throw new EvenflowError(
      'internal',
      `The answer of ${path} has an unexpected shape at ${first?.path.join('.') || 'its top'}: ${first?.message ?? ''}`,
      { hint: 'Reload the page: the console may have been updated.' },
    )
  }
  return parsed.data
}

/** For answers without a body that matters. */
export async function send(path: string, { method, body, text, contentType, signal }: Request = {}): Promise<unknown> {
  const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, {
      method: method ?? (payload === undefined ? 'GET' : 'POST'),
      ...(payload !== undefined && { body: payload, headers: { 'content-type': contentType ?? 'application/json' } }),
      ...(signal && { signal }),
      cache: 'no-store',
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new EvenflowError('not_ready', 'The console did not answer.', {
      hint: 'Is it still running? This page tries again by itself.',
      cause,
    })
  }
  const raw = await response.text()
  let json: unknown
  try {
    json = raw === '' ? null : JSON.parse(raw)
  } catch {
    json = undefined
  }
  if (response.ok && json !== undefined) return json
  throw toError(response.status, json)
}

/** The error body as an EvenflowError; anything else (a proxy's page, a crash) by its status. */
export function toError(status: number, json: unknown): EvenflowError {
  const error = (json as { error?: { code?: unknown; message?: unknown; hint?: unknown; details?: unknown } } | null | undefined)?.error
  if (error && typeof error.code === 'string' && error.code in errorStatus && typeof error.message === 'string')
    return new EvenflowError(error.code as ErrorCode, error.message, {
      ...(typeof error.hint === 'string' && { hint: error.hint }),
      details: error.details,
    })
  const code: ErrorCode =
    status === 401
      ? 'unauthenticated'
      : status === 403
        ? 'forbidden'
        : status === 404
          ? 'not_found'
          : status === 503
            ? 'engine_unreachable'
            : 'internal'
  return new EvenflowError(code, `The server answered with status ${status}.`)
}

/** Path segment and query, escaped. */
export const segment = (value: string | number) => encodeURIComponent(String(value))
export function query(values: Record<string, string | number | boolean | undefined | null>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(values))
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value))
  const text = params.toString()
  return text ? `?${text}` : ''
}
