/**
 * `npm start`: installs, builds and migrates what is not up to date, starts the console and the engine, keeps them running,
 * and ends them cleanly at Ctrl-C. Runs on any Node from 20 on with nothing installed; its children run on the checkout's Node.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, buildIsCurrent } from './build.mjs'
import { DataDirectoryRefused, inspect, openDataDirectory } from './data-directory.mjs'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, root, toolEnvironment } from './lib/paths.mjs'
import { CommandFailed, run } from './lib/run.mjs'
import { progress, say } from './lib/say.mjs'
import { CannotStart, childEnvironment, engineToken, readSettings, requireFreePorts } from './lib/settings.mjs'
import { Supervised } from './lib/supervised.mjs'

const finalCheckpointMs = 60_000
const consoleEndMs = 10_000
const readyPollMs = 150
/** Longer than clients keep an idle connection: one that the server closes first may meet a request on its way. */
const keepAliveMs = '75000'

let engine = null
let frontend = null
let ending = null
const cancelled = new AbortController()

async function start() {
  const beganMs = Date.now()
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'))
  console.log(`\nEvenflow ${version}`)
  const settings = readSettings(process.env, root)
  inspect(settings.dataDir) // refuses before anything is installed
  await requireFreePorts(settings)

  await ensureInstalled()
  const directory = openDataDirectory(settings.dataDir, { version })
  process.once('exit', directory.release)
  mkdirSync(join(settings.dataDir, 'logs'), { recursive: true })
  if (directory.created) say(`New data directory: ${settings.dataDir}`)

  if (await generate()) say('Database clients generated')
  const env = toolEnvironment(childEnvironment(settings, engineToken(settings.dataDir, process.env)))
  await migrate(env)
  if (ending) return

  // The engine can load its data while the console is being built.
  engine = supervised('engine', ['engine/main.ts'], { ...env, NODE_ENV: 'production' }, settings, (line) => say(line))
  engine.start()
  if (!buildIsCurrent()) await progress('Building the console', () => build({ signal: cancelled.signal }))
  if (ending) return

  const args = [
    '--disable-warning=ExperimentalWarning', // it strips types of features/*.ts
    at('node_modules', 'next', 'dist', 'bin', 'next'),
    'start',
    '-p',
    String(settings.port),
    '-H',
    settings.host,
    '--keepAliveTimeout',
    keepAliveMs,
  ]
  frontend = supervised('console', args, { ...env, NODE_ENV: 'production' }, settings)
  frontend.start()
  await answers(`http://${bracketed(settings.host)}:${settings.port}/`)
  frontend.ready()
  await answers(`http://127.0.0.1:${settings.enginePort}/healthz`)
  engine.ready()
  const shown = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(settings.host) ? 'localhost' : settings.host
  console.log(
    `\n  Evenflow is ready: http://${bracketed(shown)}:${settings.port}   (started in ${Math.round((Date.now() - beganMs) / 100) / 10} s; Ctrl-C ends it)\n`,
  )
}

const bracketed = (host) => (host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host)

async function migrate(env) {
  try {
    const said = await run(nodeProgram(), ['db/migrate.ts'], { what: 'the database migration', quiet: true, env })
    if (!/up to date/.test(said)) say('Database tables made or brought to this version')
  } catch (error) {
    if (error instanceof CommandFailed) throw new CannotStart(`The database could not be brought to this version.\n${error.output.trim()}`)
    throw error
  }
}

function supervised(name, args, env, settings, relay) {
  return new Supervised({
    name,
    program: nodeProgram(),
    args,
    env,
    logFile: join(settings.dataDir, 'logs', `${name}.log`),
    say: (line) => say(line),
    ...(relay && { relay }),
    onGivenUp: (lines) => {
      console.error(`\n${lines.map((line) => `  | ${line}`).join('\n')}\n`)
      end(1)
    },
  })
}

/** Waits until something answers at an address, whatever it answers. */
async function answers(url) {
  while (!ending) {
    try {
      await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
      return
    } catch {
      await new Promise((done) => setTimeout(done, readyPollMs))
    }
  }
}

/** Ends everything: the engine with a final checkpoint of its jobs. A second call while the first is at work ends it at once. */
function end(exitCode) {
  if (ending) return ending
  ending = (async () => {
    cancelled.abort()
    if (engine || frontend) say('Ending: the jobs take a last checkpoint …')
    const [checkpointed] = await Promise.all([engine?.stop(finalCheckpointMs) ?? true, frontend?.stop(consoleEndMs) ?? true])
    if (!checkpointed)
      say(`The engine did not end within ${finalCheckpointMs / 1000} s and was stopped; its jobs go on from their last checkpoint.`)
    if (engine || frontend) say('Ended.')
    process.exit(exitCode)
  })()
  return ending
}

let interrupts = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    // npm hands Ctrl-C on a second time, so it takes a third to mean "now".
    if (++interrupts > 2) {
      engine?.killNow()
      frontend?.killNow()
      process.exit(1)
    }
    end(0)
  })

try {
  await start()
} catch (error) {
  if (ending) await ending
  if (error instanceof CannotStart || error instanceof DataDirectoryRefused) console.error(`\nEvenflow cannot start: ${error.message}\n`)
  else console.error(`\nEvenflow cannot start: ${error?.message ?? error}\n`)
  await end(1)
}
