/** A real engine process on a data directory of its own, for tests that kill it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Db, openDatabase } from '../db/client.ts'
import { migrate } from '../db/migrate.ts'
import { definitionHash } from '../definition/feature-id.ts'
import type { CheckedView, CodeFeature, StreamSchema } from '../definition/model.ts'
import { parseView } from '../definition/parse-sql.ts'

export const TOKEN = 'engine-token-of-the-test'

/** What the tests look at of the engine's answers. */
export interface EngineJson {
  readonly error: { readonly code: string; readonly message: string }
  readonly accepted: number
  readonly rejected: readonly { readonly line: number; readonly code: string }[]
  readonly rows: readonly { readonly features: Readonly<Record<string, unknown>> }[]
  readonly demo: { readonly state: string; readonly loaded: number; readonly message: string | null }
}

export interface EngineProcess {
  readonly child: ChildProcess
  readonly pid: number
  ask(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; json: EngineJson }>
  kill(): Promise<void>
  /** SIGTERM; answers the exit code. */
  end(): Promise<number | null>
}

export async function startEngineProcess(dataDir: string, more: Record<string, string> = {}): Promise<EngineProcess> {
  const logFile = join(dataDir, 'engine-test.log')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      EVENFLOW_DATA_DIR: dataDir,
      DATABASE_URL: '',
      ENGINE_PORT: '0',
      EVENFLOW_ENGINE_TOKEN: TOKEN,
      EVENFLOW_DEMO: 'off',
      EVENFLOW_LOG_FILE: logFile,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const address = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString()
      const ready = /ready at (\S+)/.exec(text)
      if (ready) resolve(ready[1] as string)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}: ${text}\n${tail(logFile)}`)))
  })
  const ended = (): Promise<unknown> => (child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit'))
  return {
    child,
    pid: child.pid as number,
    async ask(method, path, body, token = TOKEN) {
      const response = await fetch(address + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const answer = await response.text()
      return { status: response.status, json: answer === '' ? null : JSON.parse(answer) }
    },
    async kill() {
      child.kill('SIGKILL')
      await ended()
    },
    async end() {
      child.kill('SIGTERM')
      await ended()
      return child.exitCode
    },
  }
}

const tail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').slice(-2000)
  } catch {
    return ''
  }
}

export async function openTestDatabase(dataDir: string): Promise<Db> {
  const url = `file:${join(dataDir, 'evenflow.db')}`
  await migrate({ url })
  return openDatabase({ url })
}

export async function addStream(db: Db, schema: StreamSchema, partitions = 1, partitionBy: string | null = null): Promise<string> {
  const id = randomUUID()
  await db.stream.create({
    data: {
      id,
      name: schema.name,
      fields: schema.fields,
      eventTime: schema.eventTime,
      partitions,
      partitionBy,
      source: { kind: 'embedded' },
      createdBy: 'test',
    },
  })
  return id
}

/** The next version of a view, made as the console makes it; answers its checked definition. */
export async function addVersion(
  db: Db,
  name: string,
  streamId: string,
  schema: StreamSchema | readonly StreamSchema[],
  sql: string,
  code: readonly CodeFeature[] = [],
): Promise<{ checked: CheckedView; viewId: string; version: number }> {
  const { checked, problems } = await parseView(sql, [schema].flat(), code)
  if (!checked) throw new Error(JSON.stringify(problems))
  const found = await db.view.findUnique({ where: { name } })
  const viewId = found?.id ?? randomUUID()
  const version = (found?.latestVersion ?? 0) + 1
  if (found) await db.view.update({ where: { id: viewId }, data: { latestVersion: version } })
  else await db.view.create({ data: { id: viewId, name, streamId, latestVersion: 1, createdBy: 'test' } })
  await db.viewVersion.create({
    data: {
      id: randomUUID(),
      viewId,
      version,
      sql,
      definition: checked.definition,
      definitionHash: definitionHash(checked.definition),
      featureTypes: checked.featureTypes,
      createdBy: 'test',
    },
  })
  return { checked, viewId, version }
}

export async function askForRelease(db: Db, viewId: string, toVersion: number, request: Record<string, unknown> = {}): Promise<number> {
  const release = await db.release.create({
    data: {
      viewId,
      kind: 'new_job',
      toVersion,
      state: 'QUEUED',
      stateSince: new Date(),
      request: { mode: 'automatic', parallelism: 1, ...request } as object,
      createdBy: 'test',
    },
  })
  await db.releaseFact.create({
    data: { releaseId: release.id, generation: 1, at: new Date(), kind: 'state', payload: { from: null, to: 'QUEUED' } },
  })
  return release.id
}

/** Polls until the question is answered with something; the test's own timeout is the limit. */
export async function until<T>(what: string, question: () => Promise<T | undefined | false | null>): Promise<T> {
  for (let i = 0; i < 1500; i++) {
    const answer = await question()
    if (answer) return answer
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  throw new Error(`never happened: ${what}`)
}
