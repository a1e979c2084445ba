/**
 * A private MariaDB for tests: from the installed binaries, on a free port, with its own data directory, socket and pid file.
 * Tests may kill it and pause it. Where EVENFLOW_TEST_MYSQL_URL is set, that server is used and nothing is started.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandFailed, run } from '../lib/run.mjs'
import { freePort } from '../lib/ports.mjs'

const startMs = 120_000
const places = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/libexec']

const find = (...names) => names.flatMap((name) => places.map((place) => join(place, name))).find((path) => existsSync(path)) ?? null

export const mariadbServer = () => find('mariadbd', 'mysqld')

/** @returns {Promise<{ url: string, pid: number | null, stop: () => Promise<void> }>} */
export async function startMariadb() {
  if (process.env.EVENFLOW_TEST_MYSQL_URL) return { url: process.env.EVENFLOW_TEST_MYSQL_URL, pid: null, stop: async () => {} }
  const server = mariadbServer()
  const installer = find('mariadb-install-db', 'mysql_install_db')
  if (!server || !installer)
    throw new Error(
      'MariaDB is not installed. Install the package mariadb-server, or set EVENFLOW_TEST_MYSQL_URL to a server that tests may use.',
    )

  const home = mkdtempSync(join(tmpdir(), 'evenflow-mariadb-'))
  const data = join(home, 'data')
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  try {
    await run(installer, ['--no-defaults', ...asRoot, `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'], {
      what: 'mariadb-install-db',
      quiet: true,
      env: process.env,
    })
    const port = await freePort()
    const child = spawn(
      server,
      [
        '--no-defaults',
        ...asRoot,
        `--datadir=${data}`,
        `--socket=${join(home, 'mariadb.sock')}`,
        `--pid-file=${join(home, 'mariadb.pid')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--innodb-buffer-pool-size=64M',
        '--innodb-log-file-size=32M',
        '--character-set-server=utf8mb4',
        '--max-connections=200',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      said = (said + chunk).slice(-8_000)
    })
    await answering(child, port, () => said)
    return {
      url: `mysql://root@127.0.0.1:${port}/evenflow_test`,
      pid: child.pid,
      stop: () => stop(child, home),
    }
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    throw error instanceof CommandFailed ? new Error(`${error.message}\n${error.output}`) : error
  }
}

async function answering(child, port, said) {
  const untilMs = Date.now() + startMs
  while (child.exitCode === null && child.signalCode === null) {
    if (await connects(port)) return
    if (Date.now() > untilMs) {
      child.kill('SIGKILL')
      throw new Error(`MariaDB did not answer within ${startMs / 1000} s.\n${said()}`)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`MariaDB ended at its start.\n${said()}`)
}

function connects(port) {
  return new Promise((done) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('data', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}

function stop(child, home) {
  return new Promise((done) => {
    const finish = () => {
      rmSync(home, { recursive: true, force: true })
      done()
    }
    if (child.exitCode !== null || child.signalCode !== null) return finish()
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
    child.once('exit', () => {
      clearTimeout(timer)
      finish()
    })
    child.kill('SIGTERM')
  })
}
