/** What the environment says, checked before anything is started. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { listenerOf, portIsFree } from './ports.mjs'

/** A start that can't go on, with what the person at the terminal can do. Shown without a stack. */
export class CannotStart extends Error {
  name = 'CannotStart'
}

/** @param {NodeJS.ProcessEnv} env @param {string} base the checkout, for the default data directory */
export function readSettings(env, base) {
  const port = readPort(env.PORT, 'PORT', 3000)
  const enginePort = readPort(env.ENGINE_PORT, 'ENGINE_PORT', 3100)
  if (port === enginePort) throw new CannotStart(`PORT and ENGINE_PORT are both ${port}. Give the console and the engine a port each.`)
  const demo = env.EVENFLOW_DEMO || 'on'
  if (demo !== 'on' && demo !== 'off') throw new CannotStart(`EVENFLOW_DEMO is "${demo}"; it takes on or off.`)
  const dataDir = resolve(base, env.EVENFLOW_DATA_DIR || 'data')
  const databaseUrl = env.DATABASE_URL || `file:${join(dataDir, 'evenflow.db')}`
  if (!/^(mysql|mariadb):\/\/|^file:/.test(databaseUrl))
    throw new CannotStart(
      'DATABASE_URL is neither mysql://user:password@host:3306/name nor file:path. Unset it to use the embedded database.',
    )
  return { port, enginePort, host: env.EVENFLOW_HOST || '127.0.0.1', dataDir, databaseUrl, demo }
}

function readPort(text, name, standard) {
  if (text === undefined || text === '') return standard
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new CannotStart(`${name} is "${text}"; it takes a number from 1 to 65535.`)
  return port
}

export async function requireFreePorts({ port, enginePort, host }) {
  const wanted = [
    { port, host, name: 'PORT', use: 'the console' },
    { port: enginePort, host: '127.0.0.1', name: 'ENGINE_PORT', use: 'the engine' },
  ]
  for (const { port, host, name, use } of wanted) {
    let free
    try {
      free = await portIsFree(port, host)
    } catch (error) {
      throw new CannotStart(
        `Port ${port} for ${use} cannot be opened on ${host} (${error.code}). Choose another: ${name}=${port < 1024 ? 3000 : port + 10} npm start`,
      )
    }
    if (free) continue
    const owner = listenerOf(port)
    throw new CannotStart(
      `Port ${port}, wanted for ${use}, is taken${owner ? ` by process ${owner.pid} (${owner.command})` : ' by another process'}. ` +
        `Stop that process, or choose another port: ${name}=${port + 10} npm start`,
    )
  }
}

/** The secret that console and engine share; made once, readable by this user alone. */
export function engineToken(dataDir, env) {
  if (env.EVENFLOW_ENGINE_TOKEN) return env.EVENFLOW_ENGINE_TOKEN
  const file = join(dataDir, 'engine.token')
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim()
    if (/^[\w-]{32,}$/.test(token)) return token
  }
  const token = randomBytes(32).toString('base64url')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return token
}

/** What the two children are given, above what this process was given itself. */
export function childEnvironment(settings, token) {
  return {
    EVENFLOW_DATA_DIR: settings.dataDir,
    DATABASE_URL: settings.databaseUrl,
    EVENFLOW_DEMO: settings.demo,
    EVENFLOW_ENGINE_TOKEN: token,
    EVENFLOW_ENGINE_URL: `http://127.0.0.1:${settings.enginePort}`,
    ENGINE_PORT: String(settings.enginePort),
    PORT: String(settings.port),
    EVENFLOW_LAUNCHER_PID: String(process.pid),
  }
}
