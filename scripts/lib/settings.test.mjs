import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CannotStart, engineToken, readSettings, requireFreePorts } from './settings.mjs'

test('with nothing set: the embedded database in ./data, ports 3000 and 3100, the demo', () => {
  expect(readSettings({}, '/home/me/evenflow')).toEqual({
    port: 3000,
    enginePort: 3100,
    host: '127.0.0.1',
    dataDir: '/home/me/evenflow/data',
    databaseUrl: 'file:/home/me/evenflow/data/evenflow.db',
    demo: 'on',
  })
})

test.each([
  [{ PORT: 'abc' }, 'PORT is "abc"'],
  [{ PORT: '70000' }, 'PORT is "70000"'],
  [{ ENGINE_PORT: '-1' }, 'ENGINE_PORT is "-1"'],
  [{ PORT: '3100' }, 'both 3100'],
  [{ EVENFLOW_DEMO: 'maybe' }, 'EVENFLOW_DEMO is "maybe"'],
  [{ DATABASE_URL: 'postgres://x' }, 'DATABASE_URL'],
])('%o is refused with the name of the variable', (env, said) => {
  expect(() => readSettings(env, '/x')).toThrow(CannotStart)
  expect(() => readSettings(env, '/x')).toThrow(said)
})

test('a taken port is named with the variable that changes it', async () => {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  const settings = readSettings({ PORT: String(port), ENGINE_PORT: port === 3100 ? '3101' : '3100' }, '/x')
  await expect(requireFreePorts(settings)).rejects.toThrow(new RegExp(`Port ${port}.*is taken.*PORT=${port + 10} npm start`))
  await new Promise((done) => server.close(done))
})

test('the shared secret stays the same, is private, and a damaged one is made anew', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-token-'))
  const token = engineToken(directory, {})
  expect(engineToken(directory, {})).toBe(token)
  expect(statSync(join(directory, 'engine.token')).mode & 0o777).toBe(0o600)
  writeFileSync(join(directory, 'engine.token'), 'short')
  expect(engineToken(directory, {})).not.toBe('short')
  expect(engineToken(directory, { EVENFLOW_ENGINE_TOKEN: 'given' })).toBe('given')
  rmSync(directory, { recursive: true })
})
