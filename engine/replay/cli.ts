/**
 * `evenflow replay`: the real engine on files, without a server (DESIGN §12). Exit code 0; 1: the definition or the use is
 * wrong; 2: the run failed.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReplayArguments, readArguments } from './arguments.ts'
import { readProject } from './project.ts'
import { reportJson, summary } from './report.ts'
import { runReplay } from './run.ts'
import { UseError } from './use-error.ts'

/** Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const args = readArguments(argv)
    const project = await readProject(args.project, args.order)
    for (const { stream } of args.events) {
      if (!project.streams.some(({ name }) => name === stream))
        throw new UseError(
          `--events ${stream}: the project has no stream of this name (it has ${project.streams.map(({ name }) => name).join(', ')})`,
        )
    }
    if (args.crashAfter !== undefined && args.state === undefined) return await crashAndResume(argv)
    const withState = args.checkpointEvery && args.state === undefined ? { ...args, state: temporaryDirectory() } : args
    try {
      return await replay(project, withState)
    } finally {
      if (withState !== args && withState.state) rmSync(withState.state, { recursive: true, force: true })
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return error instanceof UseError ? 1 : 2
  }
}

async function replay(project: Awaited<ReturnType<typeof readProject>>, args: ReplayArguments): Promise<number> {
  const { crashAfter } = args
  const result = await runReplay(project, args, {
    afterLines: (lines) => {
      if (crashAfter !== undefined && lines >= crashAfter) process.kill(process.pid, 'SIGKILL')
    },
  })
  for (const line of summary(result)) process.stderr.write(`${line}\n`)
  if (args.report) writeFileSync(args.report, reportJson(result))
  return 0
}

/** The engine's own process runs until it is killed; a second one goes on with what is on disk. */
async function crashAndResume(argv: readonly string[]): Promise<number> {
  const state = temporaryDirectory()
  try {
    const first = await child([...argv, '--state', state])
    if (first.signal !== 'SIGKILL') return first.code ?? 2 // the end, or an error, came before the crash
    const second = await child([...withoutCrash(argv), '--state', state])
    return second.code ?? 2
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

function child(argv: readonly string[]): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...argv], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    running.on('error', reject)
    running.on('exit', (code, signal) => resolve({ code, signal }))
  })
}

function withoutCrash(argv: readonly string[]): string[] {
  const at = argv.findIndex((text) => text === '--crash-after' || text.startsWith('--crash-after='))
  return argv.filter((_, i) => i !== at && !(i === at + 1 && argv[at] === '--crash-after'))
}

const temporaryDirectory = () => mkdtempSync(join(tmpdir(), 'evenflow-replay-'))

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
