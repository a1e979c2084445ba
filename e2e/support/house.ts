/** A whole Evenflow for one file of browser tests: `npm start` on free ports with its own data directory, ended with Ctrl-C's signal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
export const adminToken = 'evf_browser-tests-administrator-token'

export type House = { url: string; engineUrl: string; output: () => string; stop: () => Promise<void> }

const freePort = () =>
  new Promise<number>((done, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })

/** Resolves when it answers. @throws with all it said when it ends before that */
export async function startHouse(env: Record<string, string> = {}): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'evenflow-e2e-'))
  const [port, enginePort] = [await freePort(), await freePort()]
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    env: {
      // Nothing of the settings of the person who runs the tests.
      ...(Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(EVENFLOW_|VITEST|NODE_OPTIONS)/.test(name)),
      ) as NodeJS.ProcessEnv),
      NODE_ENV: 'production',
      PORT: String(port),
      ENGINE_PORT: String(enginePort),
      EVENFLOW_DATA_DIR: dataDir,
      EVENFLOW_DEMO: 'off',
      EVENFLOW_API_TOKEN: adminToken,
      DATABASE_URL: '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await ready(child, () => said)
  return {
    url: `http://localhost:${port}`,
    engineUrl: `http://127.0.0.1:${enginePort}`,
    output: () => said,
    stop: async () => {
      await ended(child)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function ready(child: ChildProcess, said: () => string): Promise<void> {
  while (!said().includes('Evenflow is ready')) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`It ended before it was ready:\n${said()}`)
    await new Promise((done) => setTimeout(done, 100))
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    child.once('exit', () => done())
    child.kill('SIGINT')
  })
}

/** The HTTP API as a script uses it. @throws on anything but 2xx, with the answer */
export async function call<T>(house: House, path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
  const answer = await fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text) as T
}

/** Asks again until the answer is as wanted; the test's own limit ends it. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    await new Promise((done) => setTimeout(done, 250))
  }
}
