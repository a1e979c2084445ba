import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EvenflowError } from '../../contract/errors.ts'
import { startReadServer } from './read-server.ts'

const directory = mkdtempSync(join(tmpdir(), 'read-server-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Sends the text as it is, in the given pieces; as many answers as asked for. */
function talk(path: string, pieces: readonly (string | Buffer)[], answers: number): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let text = ''
    socket.on('error', reject)
    socket.on('data', (part) => {
      text += part
      const lines = text.split('\n').slice(0, -1)
      if (lines.length === answers) {
        socket.end()
        resolve(lines.map((line) => JSON.parse(line)))
      }
    })
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await new Promise(setImmediate)
      }
    })()
  })
}

test('one JSON object a line, answered in order; what cannot be read is said so; a socket left behind does not matter', async () => {
  const path = join(directory, 's.sock')
  writeFileSync(path, 'left behind')
  const server = await startReadServer(path, async (keys, atMs) => {
    if (keys[0]!.card === 'slow') await new Promise(setImmediate)
    if (keys[0]!.card === 'old') throw new EvenflowError('gone', 'too old', { hint: 'later' })
    if (keys[0]!.card === 'bug') throw new Error('oops')
    return keys.map((key) => ({
      key: key as never,
      status: 'UNKNOWN_KEY' as const,
      features: { atMs },
      asOf: null,
      evaluatedAt: '',
      ageMs: null,
      version: null,
      complete: true,
    }))
  })
  const ask = (id: number, card: string, atMs: number | null = null) => `${JSON.stringify({ id, keys: [{ card }], atMs })}\n`
  const umlaut = Buffer.from(ask(2, 'ü'))
  const cut = umlaut.indexOf(0xc3) + 1
  const answers = await talk(
    path,
    [
      ask(1, 'slow', 5),
      umlaut.subarray(0, cut),
      umlaut.subarray(cut),
      `${ask(3, 'old')}${ask(4, 'bug')}nonsense\n{"id":5}\n{"id":6,"keys":[],"atMs":null}\n\n`,
    ],
    7,
  )
  expect(answers).toMatchObject([
    { id: 1, rows: [{ key: { card: 'slow' }, features: { atMs: 5 } }] },
    { id: 2, rows: [{ key: { card: 'ü' } }] },
    { id: 3, error: { code: 'gone', message: 'too old', hint: 'later' } },
    { id: 4, error: { code: 'internal', message: 'oops' } },
    { id: null, error: { code: 'bad_request' } },
    { id: 5, error: { code: 'bad_request' } },
    { id: 6, error: { code: 'bad_request' } },
  ])
  server.close()
})

test('questions of one connection wait together, and are answered in their order', async () => {
  let waiting = 0
  let most = 0
  const path = join(directory, 'together.sock')
  const server = await startReadServer(path, async ([key]) => {
    most = Math.max(most, ++waiting)
    await new Promise((done) => setTimeout(done, key!.card === 'first' ? 50 : 1))
    waiting--
    return []
  })
  const ask = (id: number, card: string) => `${JSON.stringify({ id, keys: [{ card }], atMs: null })}\n`
  expect(await talk(path, [ask(1, 'first') + ask(2, 'b') + ask(3, 'c')], 3)).toEqual([1, 2, 3].map((id) => ({ id, rows: [] })))
  expect(most).toBe(3)
  server.close()
})
