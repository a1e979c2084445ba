/** Runs previews in a process of their own, one after the other, so that the engine never waits for one. Ends when it is not needed. */
import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { DuckdbCheckAnswer, PreviewAnswer, PreviewRequest } from '../../contract/engine-api.ts'
import { EvenflowError, type ErrorCode } from '../../contract/errors.ts'
import type { Db } from '../../db/client.ts'
import { checkDefinition } from '../../definition/check-view.ts'
import type { ParameterStore } from '../supervise/parameter-store.ts'
import { storedStreams } from '../supervise/source-streams.ts'
import type { PreviewTask } from './preview-task.ts'

const PATIENCE_MS = 55_000
const IDLE_MS = 60_000

export interface PreviewRunner {
  preview(request: PreviewRequest): Promise<PreviewAnswer>
  checkWithDuckdb(request: PreviewRequest): Promise<DuckdbCheckAnswer>
  close(): void
}

export type PreviewReply = { id: number; answer: unknown } | { id: number; error: { code: ErrorCode; message: string } }
export type PreviewMessage = { id: number; kind: 'preview' | 'duckdb'; task: PreviewTask }

export function previewRunner(deps: { db: Db; dataDir: string; parameters: () => ParameterStore; env: NodeJS.ProcessEnv }): PreviewRunner {
  let child: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined
  let nextId = 1
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }>()

  function fail(why: string): void {
    child?.kill('SIGKILL')
    child = undefined
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer)
      reject(new EvenflowError('not_ready', why, { hint: 'Try a smaller number of events or shorter windows, then again.' }))
    }
    waiting.clear()
  }

  function running(): ChildProcess {
    if (child) return child
    const fresh = fork(join(import.meta.dirname, 'preview-main.ts'), [], {
      env: deps.env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    fresh.on('message', (reply: PreviewReply) => {
      const waiter = waiting.get(reply.id)
      if (!waiter) return
      waiting.delete(reply.id)
      clearTimeout(waiter.timer)
      clearTimeout(idle)
      idle = setTimeout(() => {
        if (waiting.size === 0 && child === fresh) fail('idle')
      }, IDLE_MS).unref()
      if ('answer' in reply) waiter.resolve(reply.answer as never)
      else waiter.reject(new EvenflowError(reply.error.code, reply.error.message))
    })
    fresh.on('exit', () => {
      if (child === fresh) fail('The preview ended without an answer: it may have needed too much memory.')
    })
    child = fresh
    return fresh
  }

  async function ask<T>(kind: PreviewMessage['kind'], request: PreviewRequest): Promise<T> {
    const streams = await storedStreams(deps.db, request.definition).catch((error: Error) => {
      throw new EvenflowError('not_found', error.message)
    })
    const { checked, problems } = checkDefinition(request.definition, streams, request.definition.code)
    if (!checked) throw new EvenflowError('invalid_definition', 'The definition has problems.', { details: problems })
    const effective = deps.parameters().ofJob({ id: 0, view: '', hints: request.definition.hints, historyEventTimeMs: null })
    const task: PreviewTask = {
      dataDir: deps.dataDir,
      checked,
      streams: streams.map(({ name, partitions }) => ({ name, partitions })),
      last: request.last,
      order: effective.order.value,
      outOfOrdernessMs: effective.outOfOrderness.value,
      allowedLatenessMs: effective.allowedLateness.value,
      ttlMs: effective.ttl.value,
    }
    return new Promise<T>((resolve, reject) => {
      const id = nextId++
      const timer = setTimeout(() => fail(`The preview took longer than ${PATIENCE_MS / 1000} seconds and was given up.`), PATIENCE_MS)
      waiting.set(id, { resolve: resolve as never, reject, timer })
      running().send({ id, kind, task } satisfies PreviewMessage)
    })
  }

  return {
    preview: (request) => ask<PreviewAnswer>('preview', request),
    checkWithDuckdb: (request) => ask<DuckdbCheckAnswer>('duckdb', request),
    close: () => fail('The engine is stopping.'),
  }
}
