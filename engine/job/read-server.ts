/**
 * Reads over a local socket: one JSON object a line. `{ id, keys: [{…}], atMs }` → `{ id, rows }` or `{ id, error }`. Answers come
 * in the order of the questions of one connection.
 */
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import type { FeatureRow } from '../../contract/engine-api.ts'

export const ReadRequest = z.object({
  id: z.union([z.number(), z.string()]),
  keys: z.array(z.record(z.string(), z.unknown())).min(1).max(1000),
  atMs: z.number().nullable(),
})

const MAX_LINE_CHARACTERS = 4 * 1024 * 1024
const READ_KEYS_PER_TURN = 100

type Answer = (keys: readonly Record<string, unknown>[], atMs: number | null) => Promise<FeatureRow[]>

export function startReadServer(socketPath: string, answer: Answer): Promise<Server> {
  const server = createServer((socket) => serve(socket, answer))
  if (!socketPath.startsWith('\\\\')) rmSync(socketPath, { force: true }) // what a killed run left behind
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, () => resolve(server))
  })
}

function serve(socket: Socket, answer: Answer): void {
  let rest = ''
  let turn = Promise.resolve()
  socket.setEncoding('utf8')
  socket.on('error', () => socket.destroy()) // the reader is gone: nobody to tell
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE_CHARACTERS) return void socket.destroy()
    for (const line of lines) {
      if (line.trim() === '') continue
      const response = respond(line, answer) // those who wait for the store wait together
      turn = turn.then(async () => void socket.write(`${JSON.stringify(await response)}\n`))
    }
  })
}

async function respond(line: string, answer: Answer): Promise<object> {
  let id: unknown = null
  try {
    const raw = JSON.parse(line) as { id?: unknown }
    id = raw?.id ?? null
    const request = ReadRequest.safeParse(raw)
    if (!request.success)
      throw new EvenflowError(
        'bad_request',
        `The question cannot be read: ${request.error.issues[0]?.path.join('.')} ${request.error.issues[0]?.message}.`,
      )
    const { keys, atMs } = request.data
    const rows: FeatureRow[] = []
    for (let from = 0; from < keys.length; from += READ_KEYS_PER_TURN)
      rows.push(...(await answer(keys.slice(from, from + READ_KEYS_PER_TURN), atMs)))
    return { id, rows }
  } catch (error) {
    if (error instanceof EvenflowError) return { id, ...error.toBody() }
    if (error instanceof SyntaxError) return { id, error: { code: 'bad_request', message: 'The question is not JSON.' } }
    return { id, error: { code: 'internal', message: (error as Error).message } }
  }
}
