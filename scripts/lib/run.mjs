/** Runs a program to its end. Output goes to the terminal, or is kept and shown only when the program fails. */
import { spawn } from 'node:child_process'
import { root, toolEnvironment } from './paths.mjs'

export class CommandFailed extends Error {
  name = 'CommandFailed'
  constructor(what, code, output) {
    super(`${what} ended with ${typeof code === 'number' ? `exit code ${code}` : code}.`)
    this.code = code
    this.output = output
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ what?: string, quiet?: boolean, env?: NodeJS.ProcessEnv, cwd?: string, onLine?: (line: string) => void, timeoutMs?: number, signal?: AbortSignal }} options
 * @returns {Promise<string>} what it printed, when quiet
 */
export function run(program, args, options = {}) {
  const what = options.what ?? [program, ...args].join(' ')
  const keep = options.quiet || options.onLine
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? toolEnvironment(),
      stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'],
      signal: options.signal,
      killSignal: 'SIGTERM',
    })
    let output = ''
    let rest = ''
    const take = (chunk) => {
      output += chunk
      if (!options.onLine) return
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) options.onLine(line)
    }
    child.stdout?.setEncoding('utf8').on('data', take)
    child.stderr?.setEncoding('utf8').on('data', take)
    const timer = options.timeoutMs ? setTimeout(() => child.kill('SIGKILL'), options.timeoutMs) : null
    child.on('error', (error) => {
      if (timer) clearTimeout(timer)
      fail(error.code === 'ENOENT' ? new CommandFailed(`${what} (not found on this machine)`, 127, output) : error)
    })
    child.on('close', (code, signal) => {
      if (timer) clearTimeout(timer)
      if (rest && options.onLine) options.onLine(rest)
      if (code === 0) done(output)
      else fail(new CommandFailed(what, code ?? signal ?? 'a signal', output))
    })
  })
}
