/** For tests: a real job process on a real embedded log, spoken to as the supervisor does. */
import { type ChildProcess, fork } from 'node:child_process'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import type { FeatureRow } from '../../contract/engine-api.ts'
import { FromJob, type JobParameters, type ToJob } from '../../contract/job-ipc.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { resolveParameters, toJobParameters } from '../../definition/parameters.ts'
import { parseView } from '../../definition/parse-sql.ts'

export type StartMessage = Extract<ToJob, { type: 'start' }>
type Received<T extends FromJob['type']> = Extract<FromJob, { type: T }>

export const payStream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'double', nullable: true },
    { name: 'shop', type: 'string' },
    { name: 'ts', type: 'timestamp' },
  ],
}

export const paySql = (
  hints: string,
) => `SELECT /*+ ${hints} */ card, COUNT(*) OVER w AS payments, SUM(amount) OVER w AS spent, COUNT(DISTINCT shop) OVER day AS shops, spent / payments AS mean, shop AS last_shop
  FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '10' MINUTE PRECEDING AND CURRENT ROW),
  day AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)`

export async function startMessage(
  dataDir: string,
  options: {
    hints?: string
    /** in place of the usual view */
    sql?: string
    run?: number
    restoreFrom?: StartMessage['restoreFrom']
    parameters?: Partial<JobParameters>
    partitions?: number
    /** in place of the usual stream: those of a union, in the order of its branches */
    branches?: readonly (StreamSchema & { partitions: number })[]
    parallelism?: number
    parallelBy?: JobParameters['parallelBy']
    forward?: StartMessage['forward']
    archive?: StartMessage['archive']
  },
): Promise<StartMessage> {
  const { branches, partitions = 1 } = options
  const { checked, problems } = await parseView(options.sql ?? paySql(options.hints ?? "READ_CLOCK('event')"), branches ?? [payStream])
  if (!checked) throw new Error(JSON.stringify(problems))
  const effective = toJobParameters(resolveParameters({ hints: checked.definition.hints }))
  const run = options.run ?? 1
  return {
    type: 'start',
    jobId: 1,
    run,
    epoch: 1,
    view: 'card_pay',
    version: 1,
    parallelism: options.parallelism ?? 1,
    definition: checked.definition,
    stream: branches ? { ...checked.stream, partitions, branches: [...branches] } : { ...payStream, partitions },
    parameters: { ...(effective as JobParameters), ...(options.parallelBy && { parallelBy: options.parallelBy }), ...options.parameters },
    dataDir,
    socketPath: join(dataDir, `job-${run}.sock`),
    restoreFrom: options.restoreFrom ?? null,
    ...(options.forward && { forward: options.forward }),
    ...(options.archive && { archive: options.archive }),
  }
}

export class RunningJob {
  readonly child: ChildProcess
  readonly received: FromJob[] = []
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  private readonly start: StartMessage
  private waiters: (() => void)[] = []
  private readonly leaseTimer: NodeJS.Timeout

  /** `leaseMs`: one lease of this length and no other; none given: renewed while the test runs. */
  constructor(start: StartMessage, leaseMs?: number) {
    this.start = start
    this.child = fork(join(import.meta.dirname, 'main.ts'), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve({ code, signal })))
    this.child.on('message', (raw) => {
      this.received.push(FromJob.parse(raw))
      for (const wake of this.waiters.splice(0)) wake()
    })
    void this.exited.then(() => this.waiters.splice(0).forEach((wake) => wake()))
    this.leaseTimer = setInterval(() => leaseMs === undefined && this.send({ type: 'lease', validForMs: 60_000 }), 1000)
    this.send({ type: 'lease', validForMs: leaseMs ?? 60_000 })
    this.send(start)
  }

  send(message: ToJob): void {
    if (this.child.connected) this.child.send(message, () => undefined)
  }

  stopLease(): void {
    clearInterval(this.leaseTimer)
  }

  /** The first message of this type, come or to come, that fits. Rejects when the process ends before. */
  async wait<T extends FromJob['type']>(type: T, fits: (message: Received<T>) => boolean = () => true): Promise<Received<T>> {
    for (;;) {
      const found = this.received.find((message): message is Received<T> => message.type === type && fits(message as Received<T>))
      if (found) return found
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`the job ended before: ${JSON.stringify(this.received.at(-1))}`)
      await new Promise<void>((resolve) => this.waiters.push(resolve))
    }
  }

  /** All events up to this position are applied: asked with checkpoints, which come at once, unlike the metrics of each second. */
  async applied(position: number, partition = 0): Promise<void> {
    for (let i = 0; ; i++) {
      const requestId = `applied-${partition}-${position}-${i}`
      this.send({ type: 'checkpoint', requestId })
      const { checkpoint } = await this.wait(
        'checkpoint',
        (message) => message.checkpoint.requestId === requestId && message.checkpoint.status !== 'IN_PROGRESS',
      )
      if (checkpoint.status === 'COMPLETED' && checkpoint.positions[String(partition)]! >= position) return
    }
  }

  read(
    keys: Record<string, unknown>[],
    atMs: number | null = null,
  ): Promise<{ rows?: FeatureRow[]; error?: { code: string; message: string; hint?: string } }> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.start.socketPath)
      let text = ''
      socket.on('error', reject)
      socket.on('data', (part) => {
        text += part
        if (!text.includes('\n')) return
        socket.end()
        resolve(JSON.parse(text) as never)
      })
      socket.write(`${JSON.stringify({ id: 1, keys, atMs })}\n`)
    })
  }

  async stop(): Promise<void> {
    this.send({ type: 'stop' })
    const { code } = await this.exited
    clearInterval(this.leaseTimer)
    if (code !== 0) throw new Error(`the job ended with ${code}: ${JSON.stringify(this.received.at(-1))}`)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exited
    clearInterval(this.leaseTimer)
  }
}
