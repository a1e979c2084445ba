/** `npm run dev`: console and engine from the sources, both reloading at a change. Data in ./data, as with `npm start`. */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDataDirectory } from './data-directory.mjs'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, root, toolEnvironment } from './lib/paths.mjs'
import { run } from './lib/run.mjs'
import { childEnvironment, engineToken, readSettings, requireFreePorts } from './lib/settings.mjs'

const children = []
let ending = false

async function dev() {
  const settings = readSettings(process.env, root)
  await requireFreePorts(settings)
  await ensureInstalled()
  const directory = openDataDirectory(settings.dataDir, { version: JSON.parse(readFileSync(at('package.json'), 'utf8')).version })
  process.once('exit', directory.release)
  mkdirSync(join(settings.dataDir, 'logs'), { recursive: true })
  await generate()
  const env = toolEnvironment({ ...childEnvironment(settings, engineToken(settings.dataDir, process.env)), NODE_ENV: 'development' })
  await run(nodeProgram(), ['db/migrate.ts'], { what: 'the database migration', env })
  keep(['--watch', '--watch-preserve-output', 'engine/main.ts'], env)
  keep(
    [
      '--disable-warning=ExperimentalWarning',
      at('node_modules', 'next', 'dist', 'bin', 'next'),
      'dev',
      '-p',
      String(settings.port),
      '-H',
      settings.host,
    ],
    env,
  )
}

function keep(args, env) {
  const child = spawn(nodeProgram(), args, { cwd: root, env, stdio: 'inherit' })
  children.push(child)
  child.on('exit', (code) => end(code ?? 1))
}

function end(exitCode) {
  if (ending) return
  ending = true
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM')
  const left = () => children.filter((child) => child.exitCode === null && child.signalCode === null)
  const wait = setInterval(() => {
    if (left().length > 0) return
    clearInterval(wait)
    process.exit(exitCode)
  }, 50)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0))

try {
  await dev()
} catch (error) {
  console.error(`\n${error.message}\n`)
  process.exit(1)
}
