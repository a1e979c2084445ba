/** Is a port free, and if not, who has it? */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'

export function portIsFree(port, host) {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)))
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)))
  })
}

/** A port that is free now. */
export function freePort(host = '127.0.0.1') {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen({ port: 0, host }, () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

/** The process that listens on a port, where the system tells (Linux, own processes or root); null otherwise. */
export function listenerOf(port) {
  const inodes = new Set()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/)
      if (columns[3] === '0A' && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port) inodes.add(`socket:[${columns[9]}]`)
    }
  }
  if (inodes.size === 0) return null
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name)))
    for (const handle of names(`/proc/${pid}/fd`))
      if (inodes.has(link(`/proc/${pid}/fd/${handle}`)))
        return { pid: Number(pid), command: read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean).slice(0, 3).join(' ') }
  return null
}

const quietly = (fallback, work) => {
  try {
    return work()
  } catch {
    return fallback
  }
}
const read = (path) => quietly('', () => readFileSync(path, 'utf8'))
const names = (path) => quietly([], () => readdirSync(path))
const link = (path) => quietly('', () => readlinkSync(path))
