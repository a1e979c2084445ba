/** One child that is kept running: started again with back-off when it ends by itself, ended when told to. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { at, root } from './paths.mjs'

const firstDelayMs = 500
const longestDelayMs = 30_000
const steadyAfterMs = 60_000

/** Runs of a child that end before it was once ready; after so many it is given up. */
const triesBeforeReady = 3

export class Supervised {
  #child = null
  #stopping = false
  #delayMs = firstDelayMs
  #failuresBeforeReady = 0
  #timer = null
  #lastLines = []
  wasReady = false

  /** @param {{ name: string, program: string, args: string[], env: NodeJS.ProcessEnv, logFile: string, say: (line: string) => void, onGivenUp: (lines: string[]) => void, relay?: (line: string) => void }} options */
  constructor(options) {
    this.options = options
    this.log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 })
  }

  get pid() {
    return this.#child?.pid ?? null
  }

  start() {
    const { name, program, args, env, say } = this.options
    const startedAtMs = Date.now()
    const child = spawn(program, ['--import', pathToFileURL(at('scripts', 'lib', 'end-with-launcher.mjs')).href, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#readLines(child.stdout, this.options.relay)
    this.#readLines(child.stderr)
    child.on('error', (error) => say(`${name} could not be started: ${error.message}`))
    child.on('close', (code, signal) => {
      this.#child = null
      if (this.#stopping) return
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
      if (!this.wasReady && ++this.#failuresBeforeReady >= triesBeforeReady) {
        say(`The ${name} ${how}, ${triesBeforeReady} times in a row.`)
        this.options.onGivenUp(this.#lastLines)
        return
      }
      if (Date.now() - startedAtMs > steadyAfterMs) this.#delayMs = firstDelayMs
      say(`The ${name} ${how}; starting it again in ${this.#delayMs / 1000} s. Its log: ${this.options.logFile}`)
      this.#timer = setTimeout(() => this.start(), this.#delayMs)
      this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs)
    })
  }

  #readLines(stream, relay) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#line(line, relay)
    })
    stream.on('end', () => rest && this.#line(rest, relay))
  }

  #line(line, relay) {
    this.log.write(`${line}\n`)
    if (!line.trim()) return
    this.#lastLines = [...this.#lastLines.slice(-19), plain(line)]
    // Structured log lines are for the file; what is written for a person goes to the terminal.
    if (!line.startsWith('{')) relay?.(line.trimEnd())
  }

  ready() {
    this.wasReady = true
    this.#failuresBeforeReady = 0
  }

  /** Asks the child to end and waits; after `patienceMs` it is ended. True: it ended by itself. */
  stop(patienceMs) {
    this.#stopping = true
    if (this.#timer) clearTimeout(this.#timer)
    const child = this.#child
    if (!child) return Promise.resolve(true)
    return new Promise((done) => {
      let patient = true
      const timer = setTimeout(() => {
        patient = false
        child.kill('SIGKILL')
      }, patienceMs)
      child.once('close', () => {
        clearTimeout(timer)
        done(patient)
      })
      child.kill('SIGTERM')
    })
  }

  killNow() {
    this.#stopping = true
    this.#child?.kill('SIGKILL')
  }
}

/** The sentence of a structured log line. */
function plain(line) {
  if (!line.startsWith('{')) return line
  try {
    const entry = JSON.parse(line)
    return [entry.msg, entry.err?.message].filter(Boolean).join(': ') || line
  } catch {
    return line
  }
}
