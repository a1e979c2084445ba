import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { migrate } from '../db/migrate.ts'
import { signIn } from './auth/sign-in.ts'
import { createRuntime } from './runtime.ts'

const directory = mkdtempSync(join(tmpdir(), 'evenflow-runtime-'))
const env = { DATABASE_URL: `file:${join(directory, 'test.db')}`, EVENFLOW_DATA_DIR: directory }
const administrator = { EVENFLOW_ADMIN_EMAIL: 'Root@Example.com', EVENFLOW_ADMIN_PASSWORD: 'correct horse' }
beforeAll(() => migrate({ url: env.DATABASE_URL }))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('values of the environment that make no administrator are told, and the console goes on', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  for (const bad of [{ EVENFLOW_ADMIN_EMAIL: 'root@example.com' }, { ...administrator, EVENFLOW_ADMIN_PASSWORD: 'short' }]) {
    const runtime = await createRuntime({ ...env, ...bad })
    expect(await runtime.db.user.count()).toBe(0)
    await runtime.db.$disconnect()
  }
  expect(said.mock.calls.map(([text]) => String(text))).toEqual([
    expect.stringMatching(/password/),
    expect.stringMatching(/at least 10 characters/),
  ])
  said.mockRestore()
})

it('the environment makes the administrator once, who can sign in; a second start with another password changes nothing', async () => {
  const first = await createRuntime({ ...env, ...administrator })
  const second = await createRuntime({ ...env, ...administrator, EVENFLOW_ADMIN_PASSWORD: 'another horse' })
  const input = { email: 'root@example.com', password: 'correct horse' }
  const answer = await signIn(second, new Headers(), input)
  expect(answer.status).toBe(200)
  await expect(signIn(second, new Headers(), { ...input, password: 'another horse' })).rejects.toThrow(/do not go together/)
  expect(await first.db.user.count()).toBe(1)
  expect(await first.db.audit.findMany({ select: { actor: true, via: true, action: true } })).toEqual([
    { actor: 'EVENFLOW_ADMIN_EMAIL', via: 'system', action: 'users.create' },
  ])
  // a session begun before a restart is one after it: the secret is kept, readable by its owner only
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!
  expect((await first.auth.api.getSession({ headers: new Headers({ cookie }) }))?.user.email).toBe('root@example.com')
  expect(statSync(join(directory, 'console-secret')).mode & 0o777).toBe(0o600)
  await first.db.$disconnect()
  await second.db.$disconnect()
})
