/** For tests: a way to a database server that can be cut. While it is cut, every connection breaks and no new one comes through. */
import { createServer, createConnection, type Socket } from 'node:net'

export interface CutProxy {
  /** the server's address, by way of this proxy */
  readonly url: string
  readonly cuts: number
  cutFor(ms: number): Promise<void>
  close(): Promise<void>
}

export async function openCutProxy(serverUrl: string): Promise<CutProxy> {
  const server = new URL(serverUrl)
  const [host, port] = [server.hostname, Number(server.port || 3306)]
  const open = new Set<Socket>()
  let isCut = false
  let cuts = 0
  const listener = createServer((near) => {
    if (isCut) return near.destroy()
    const far = createConnection({ host, port })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String((listener.address() as { port: number }).port)
  const breakAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: url.href,
    get cuts() {
      return cuts
    },
    async cutFor(ms) {
      cuts++
      isCut = true
      breakAll()
      await new Promise((resolve) => setTimeout(resolve, ms))
      isCut = false
    },
    async close() {
      breakAll()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
