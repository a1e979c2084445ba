import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, listenerOf, portIsFree } from './ports.mjs'

test('a taken port is seen as taken, with its process; afterwards it is free', async () => {
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  expect(await portIsFree(port, '127.0.0.1')).toBe(false)
  if (process.platform === 'linux') expect(listenerOf(port)?.pid).toBe(process.pid)
  await new Promise((done) => server.close(done))
  expect(await portIsFree(port, '127.0.0.1')).toBe(true)
  expect(listenerOf(port)).toBeNull()
})

test('a free port can be listened on', async () => {
  expect(await portIsFree(await freePort(), '127.0.0.1')).toBe(true)
})
