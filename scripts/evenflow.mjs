#!/usr/bin/env node
/**
 * `npx evenflow <verb>`, in the checkout. Finds the checkout's Node and hands over: `replay` to the engine, the rest to thin
 * callers of the HTTP API. Exit codes: 0, 1 (the definition or the use is wrong), 2 (the run failed).
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, root, toolEnvironment } from './lib/paths.mjs'

const verbs = {
  replay: 'engine/replay/cli.ts',
  savepoint: 'scripts/cli/savepoint.ts',
  release: 'scripts/cli/release.ts',
  act: 'scripts/cli/act.ts',
  status: 'scripts/cli/status.ts',
}

const usage = `evenflow <verb>

  replay project.json --events NAME=FILE.ndjson… [--parallelism N] --out FILE.ndjson
         [--order arrival|event_time] [--checkpoint-every N] [--crash-after N] [--report FILE]
                       the real engine on files, without a server
  status               the running jobs: state, rate, lag, newest event time
  savepoint JOB        takes a savepoint of a job (its number or its view's name) and waits for it   [--name TEXT] [--note TEXT]
  release VIEW         releases a view's newest version and waits until it is done or a person has to decide
                       [--version N] [--mode automatic|gated] [--history-event-time INSTANT] [--check | --no-wait | --follow]
  act RELEASE ACTION   approve, cutover, abort, overrule, rollback or finish   [--reason TEXT]

status, savepoint, release and act ask the console at EVENFLOW_URL (http://localhost:3000) with the token in EVENFLOW_API_TOKEN.`

const [verb, ...rest] = process.argv.slice(2)
if (!verb || ['help', '--help', '-h'].includes(verb)) {
  ;(verb ? console.log : console.error)(usage)
  process.exit(verb ? 0 : 1)
}
const file = Object.hasOwn(verbs, verb) ? verbs[verb] : null
if (!file) {
  console.error(`evenflow has no verb "${verb}".\n\n${usage}`)
  process.exit(1)
}

try {
  if (!existsSync(at('node_modules', 'zod'))) {
    console.log = console.error // what a verb prints on stdout is its result alone
    await ensureInstalled()
  }
} catch (error) {
  console.error(error.message)
  process.exit(2)
}

const args = [at(file), ...rest]
const child = spawn(nodeProgram(), ['--disable-warning=ExperimentalWarning', ...args], {
  stdio: 'inherit',
  env: toolEnvironment({ EVENFLOW_ROOT: root }),
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  console.error(`Node could not be started: ${error.message}`)
  process.exit(2)
})
child.on('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 2)))
