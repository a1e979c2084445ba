import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../scripts/lib/paths.mjs'
import { childrenOf, isAlive, type Product, startProduct, until } from './support/product.ts'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product?.remove())

const health = async () =>
  (await fetch(`${product.engineUrl}/healthz`).catch(() => null))?.json() as Promise<{ pid: number; status: string } | undefined>

describe('npm start', () => {
  test('gives a console that answers and an engine that is well', async () => {
    expect((await fetch(product.url)).status).toBe(200)
    expect(await health()).toMatchObject({ status: 'ok' })
    expect((await product.call('GET', '/streams')).status).toBe(200)
  })

  test('a second one on the same data is refused, and names the first', async () => {
    const second = await startProduct({ dataDir: product.dataDir, waitUntilReady: false })
    await second.sees(new RegExp(`is in use by process ${product.launcher.pid} `))
    await new Promise<void>((done) => (second.launcher.exitCode === null ? second.launcher.once('close', () => done()) : done()))
    expect(second.launcher.exitCode).toBe(1)
    expect((await fetch(product.url)).status).toBe(200)
  })

  test('a taken port is named with what to type instead; nothing is started', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
    const { port } = server.address() as { port: number }
    const refused = await startProduct({ waitUntilReady: false, env: { PORT: String(port) } })
    await refused.sees(new RegExp(`Port ${port}, wanted for the console, is taken by process ${process.pid} .*PORT=${port + 10} npm start`))
    await refused.remove()
    await new Promise((done) => server.close(done))
  })

  test('an engine that is killed is started again', async () => {
    const first = (await health())!
    process.kill(first.pid, 'SIGKILL')
    await product.sees(/The engine was ended by SIGKILL; starting it again/)
    const again = await until(health, (value) => value !== undefined && value.pid !== first.pid)
    expect(again!.status).toBe('ok')
  })

  test('Ctrl-C ends everything, with exit code 0; the next start finds the same data', async () => {
    const created = await product.call('POST', '/streams', {
      name: 'kept',
      fields: [
        { name: 'k', type: 'string' },
        { name: 'ts', type: 'timestamp' },
      ],
      eventTime: 'ts',
    })
    expect(created.status).toBeLessThan(300)
    const children = childrenOf(product.launcher.pid!)
    if (process.platform === 'linux') expect(children.length).toBeGreaterThanOrEqual(2)
    expect(await product.end()).toBe(0)
    expect(children.filter(isAlive)).toEqual([])
    product = await startProduct({ dataDir: product.dataDir })
    const { body } = await product.call('GET', '/streams')
    expect(body.items.map((stream: { name: string }) => stream.name)).toContain('kept')
  })

  test('when the launcher is killed, console and engine end too', async () => {
    const children = childrenOf(product.launcher.pid!)
    product.launcher.kill('SIGKILL')
    await until(
      async () => children.filter(isAlive),
      (alive) => alive.length === 0,
    )
    product = await startProduct({ dataDir: product.dataDir })
    expect((await health())?.status).toBe('ok')
  })

  test('npx evenflow status asks it', () => {
    const done = spawnSync(process.execPath, ['scripts/evenflow.mjs', 'status'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, EVENFLOW_URL: product.url, EVENFLOW_API_TOKEN: product.apiToken },
    })
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('No jobs yet') })
  })
})
