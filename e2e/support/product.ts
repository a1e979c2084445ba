/** Evenflow as `npm start` gives it, for one test file: own ports, own data directory. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/lib/ports.mjs'
import { root } from '../../scripts/lib/paths.mjs'

export type Product = {
  url: string
  engineUrl: string
  dataDir: string
  apiToken: string
  /** all that the launcher printed so far */
  said: () => string
  launcher: ChildProcess
  /** resolves with the match as soon as the launcher has printed it */
  sees: (pattern: RegExp) => Promise<RegExpMatchArray>
  /** a call of the HTTP API with the token of an administrator; the answer, parsed */
  call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>
  /** Ctrl-C; the exit code */
  end: () => Promise<number | null>
  /** ends it and removes its data */
  remove: () => Promise<void>
}

export type ProductOptions = { demo?: 'on' | 'off'; dataDir?: string; env?: Record<string, string>; waitUntilReady?: boolean }

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const dataDir = options.dataDir ?? join(mkdtempSync(join(tmpdir(), 'evenflow-e2e-')), 'data')
  const port = await freePort()
  const enginePort = await freePort()
  const apiToken = 'ef_e2e_0123456789abcdef0123456789abcdef'
  const launcher = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...cleanEnvironment(),
      PORT: String(port),
      ENGINE_PORT: String(enginePort),
      EVENFLOW_DATA_DIR: dataDir,
      EVENFLOW_DEMO: options.demo ?? 'off',
      EVENFLOW_API_TOKEN: apiToken,
      ...options.env,
    },
  })
  const endWithUs = () => launcher.kill('SIGTERM')
  process.once('exit', endWithUs) // a test process that breaks down leaves nothing running
  launcher.once('close', () => process.off('exit', endWithUs))
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [launcher.stdout!, launcher.stderr!])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of waiting) look()
    })
  let exit: number | null | undefined
  launcher.on('close', (code) => {
    exit = code
    for (const look of waiting) look()
  })
  const sees = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((done, fail) => {
      const look = () => {
        const match = text.match(pattern)
        if (!match && exit === undefined) return
        waiting.delete(look)
        if (match) done(match)
        else fail(new Error(`The launcher ended (${exit}) and never said ${pattern}. It said:\n${text}`))
      }
      waiting.add(look)
      look()
    })
  const url = `http://127.0.0.1:${port}`
  const end = async () => {
    if (exit === undefined) {
      launcher.kill('SIGTERM')
      await new Promise<void>((done) => launcher.once('close', () => done()))
    }
    return launcher.exitCode
  }
  const product: Product = {
    url,
    engineUrl: `http://127.0.0.1:${enginePort}`,
    dataDir,
    apiToken,
    launcher,
    said: () => text,
    sees,
    async call(method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${apiToken}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const answer = await response.text()
      return { status: response.status, body: answer.startsWith('{') || answer.startsWith('[') ? JSON.parse(answer) : answer }
    },
    end,
    async remove() {
      await end()
      rmSync(options.dataDir ?? join(dataDir, '..'), { recursive: true, force: true })
    },
  }
  if (options.waitUntilReady !== false) await sees(/Evenflow is ready/)
  return product
}

/** Tests must not see settings of the person who runs them. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(EVENFLOW_|DATABASE_URL|VITEST|NODE_ENV|NODE_OPTIONS)/.test(name)),
  )
  return { ...env, NODE_ENV: 'production' }
}

/** Processes whose command line names this data directory's engine or console; [] once all has ended. Linux. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

export const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Asks until the answer is what is wanted; as long as the test lasts. */
export async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean, pauseMs = 100): Promise<T> {
  for (;;) {
    const value = await ask()
    if (wanted(value)) return value
    await new Promise((done) => setTimeout(done, pauseMs))
  }
}
