/** Calls of the HTTP API for the command line: the answer, parsed, or an error with a sentence and the exit code it means. */
import type { z } from 'zod'
import { ErrorBody } from '../../contract/errors.ts'

/** The use is wrong: exit code 1. */
export class UseError extends Error {
  override readonly name = 'UseError'
}

export type Api = <S extends z.ZodType>(schema: S, method: 'GET' | 'POST', path: string, body?: unknown) => Promise<z.output<S>>

export function apiAt(base: string, token: string | undefined): Api {
  return async (schema, method, path, body) => {
    const url = new URL(`/api/v1${path}`, base)
    let response: Response
    try {
      response = await fetch(url, {
        method,
        headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code
      throw new Error(`${base} does not answer${cause ? ` (${cause})` : ''}. Start Evenflow with npm start, or set EVENFLOW_URL.`)
    }
    const answer: unknown = await response.json().catch(() => null)
    if (!response.ok) throw asError(response.status, answer, token)
    return schema.parse(answer)
  }
}

function asError(status: number, answer: unknown, token: string | undefined): Error {
  const body = ErrorBody.safeParse(answer)
  if (!body.success) return new Error(`The console answered ${status}.`)
  const { message, hint } = body.data.error
  const more = status === 401 && !token ? 'Set EVENFLOW_API_TOKEN to a token from the page Tokens.' : (hint ?? '')
  const text = [message, more].filter(Boolean).join(' ')
  return status >= 400 && status < 500 ? new UseError(text) : new Error(text)
}

/** Runs a verb and turns what it throws into a line on stderr and an exit code. */
export async function verb(work: (api: Api, args: string[]) => Promise<number>): Promise<void> {
  const base = process.env.EVENFLOW_URL || `http://localhost:${process.env.PORT || 3000}`
  try {
    if (!URL.canParse(base)) throw new UseError(`EVENFLOW_URL is "${base}", which is not an address like http://localhost:3000.`)
    process.exitCode = await work(apiAt(base, process.env.EVENFLOW_API_TOKEN), process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = error instanceof UseError || isUse(error) ? 1 : 2
  }
}

/** What node's own parser of arguments throws. */
const isUse = (error: unknown) => String((error as { code?: string }).code ?? '').startsWith('ERR_PARSE_ARGS')

export const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
