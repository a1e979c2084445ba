/** One job's child process and the channel to it. Messages are parsed on both sides; the lease is renewed while we live. */
import { fork, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { FromJob, STUCK_FD, StuckCall, type ToJob } from '../../contract/job-ipc.ts'

const LEASE_EVERY_MS = 1000
const LEASE_VALID_MS = 10_000
const STOP_PATIENCE_MS = 30_000
const SILENCE_MS = 60_000
/** A few of them wait for the disk while a checkpoint is made durable; a row that a read waits for finds another one. */
const FILE_THREADS = '16'

export interface JobExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** it had to be killed: it did not stop in time, or was silent for too long */
  readonly killedFor: string | null
}

export interface JobProcess {
  readonly pid: number | null
  readonly stopping: boolean
  send(message: ToJob): void
  /** Final checkpoint, then exit; killed when it takes too long. */
  stop(): void
  kill(why: string): void
  /** kill -9 where nothing has come from it for as long as a lease is valid */
  endIfSilent(): void
  readonly exited: Promise<JobExit>
}

export function startJobProcess(options: {
  entry: string
  start: Extract<ToJob, { type: 'start' }>
  env: NodeJS.ProcessEnv
  onMessage: (message: FromJob) => void
  /** a call of a feature in TypeScript does not come back: the process is ended */
  onStuck: (call: StuckCall) => void
  onUnreadable: (text: string) => void
}): JobProcess {
  const child: ChildProcess = fork(options.entry, [], {
    env: { UV_THREADPOOL_SIZE: FILE_THREADS, ...options.env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  })
  let stopping = false
  let killedFor: string | null = null
  let patience: NodeJS.Timeout | undefined
  let heardAt = performance.now()

  const send = (message: ToJob): void => {
    if (child.connected) child.send(message, () => undefined) // a child that is gone tells by its exit
  }
  const kill = (why: string): void => {
    killedFor ??= why
    child.kill('SIGKILL')
  }
  const endIfSilentFor = (ms: number): void => {
    if (performance.now() - heardAt > ms) kill(`the process was silent for ${ms / 1000} seconds`)
  }
  child.on('message', (raw) => {
    heardAt = performance.now()
    const message = FromJob.safeParse(raw)
    if (message.success) options.onMessage(message.data)
    else
      options.onUnreadable(
        `${JSON.stringify(raw).slice(0, 500)}: ${message.error.issues[0]?.path.join('.')} ${message.error.issues[0]?.message}`,
      )
  })
  createInterface({ input: child.stdio[STUCK_FD] as Readable }).on('line', (line) => {
    const stuck = StuckCall.safeParse(JSON.parse(line))
    if (!stuck.success) return options.onUnreadable(line)
    options.onStuck(stuck.data)
    kill(`a call of ${stuck.data.feature} did not come back`)
  })
  const lease = setInterval(() => {
    send({ type: 'lease', validForMs: LEASE_VALID_MS })
    endIfSilentFor(SILENCE_MS)
  }, LEASE_EVERY_MS)
  const exited = new Promise<JobExit>((resolve) => {
    const done = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearInterval(lease)
      clearTimeout(patience)
      resolve({ code, signal, killedFor })
    }
    child.once('exit', done)
    child.once('error', () => done(null, null))
  })
  send({ type: 'lease', validForMs: LEASE_VALID_MS })
  send(options.start)
  return {
    pid: child.pid ?? null,
    get stopping() {
      return stopping
    },
    send,
    stop() {
      if (stopping) return
      stopping = true
      send({ type: 'stop' })
      patience = setTimeout(() => kill(`it did not stop within ${STOP_PATIENCE_MS / 1000} seconds`), STOP_PATIENCE_MS)
    },
    kill,
    endIfSilent: () => endIfSilentFor(LEASE_VALID_MS),
    exited,
  }
}
