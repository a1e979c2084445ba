/** Reads from a job's process over its local socket: requests pipelined as NDJSON, answers matched by id. Connects when asked. */
import { createConnection, type Socket } from 'node:net'
import type { FeatureRow } from '../../contract/engine-api.ts'
import { EvenflowError, type ErrorCode, errorStatus } from '../../contract/errors.ts'

const PATIENCE_MS = 5_000

/** The process could not be asked: it is down, or went away meanwhile. */
export class JobUnreachable extends Error {
  override readonly name = 'JobUnreachable'
}

type Refusal = { code?: string; message: string; hint?: string; details?: unknown }
type Answer = { id: number; rows: FeatureRow[] } | { id: number; error: Refusal }
type Waiting = { resolve: (rows: FeatureRow[]) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }

export interface JobReader {
  read(keys: readonly Record<string, unknown>[], atMs: number | undefined): Promise<FeatureRow[]>
  close(): void
}

export function openJobReader(socketPath: string): JobReader {
  let socket: Socket | undefined
  let nextId = 1
  const waiting = new Map<number, Waiting>()

  function fail(error: Error): void {
    socket?.destroy()
    socket = undefined
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(error)
    }
    waiting.clear()
  }

  function connected(): Socket {
    if (socket) return socket
    const fresh = createConnection(socketPath)
    const parts: string[] = []
    fresh.setEncoding('utf8')
    fresh.on('data', (chunk: string) => {
      const lines = chunk.split('\n')
      for (let i = 0; i < lines.length - 1; i++) {
        parts.push(lines[i] as string)
        onLine(parts.join(''))
        parts.length = 0
      }
      parts.push(lines.at(-1) as string)
    })
    const gone = (why: string) => () => {
      if (socket === fresh) fail(new JobUnreachable(why))
    }
    fresh.on('error', gone('the job does not answer'))
    fresh.on('close', gone('the job went away'))
    fresh.unref()
    socket = fresh
    return fresh
  }

  function onLine(line: string): void {
    if (line === '') return
    const answer = JSON.parse(line) as Answer
    const waiter = waiting.get(answer.id)
    if (!waiter) return
    waiting.delete(answer.id)
    clearTimeout(waiter.timer)
    if ('rows' in answer) waiter.resolve(answer.rows)
    else waiter.reject(asError(answer.error))
  }

  return {
    read(keys, atMs) {
      return new Promise((resolve, reject) => {
        const id = nextId++
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(new JobUnreachable(`the job did not answer within ${PATIENCE_MS / 1000} seconds`))
        }, PATIENCE_MS)
        waiting.set(id, { resolve, reject, timer })
        connected().write(`${JSON.stringify({ id, keys, atMs: atMs ?? null })}\n`)
      })
    },
    close: () => fail(new JobUnreachable('the engine is stopping')),
  }
}

function asError({ code, message, hint, details }: Refusal): Error {
  const known = code !== undefined && code in errorStatus ? (code as ErrorCode) : 'internal'
  return new EvenflowError(known, message, { ...(hint !== undefined && { hint }), details })
}
