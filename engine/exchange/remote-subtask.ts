/** A keyed subtask in a thread of its own, as the source's thread sees it: work on its way there, results on their way back, questions. */
import type { CodeFeatureReport } from '../../contract/job-ipc.ts'
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { ResultRow } from '../sink/port.ts'
import type { OperatorState, ResultBuffer } from '../state/operator.ts'
import { type Barrier, Channel } from '../task/channel.ts'
import type { KeyedStatus } from '../task/job-pipeline.ts'
import type { KeyAnswer, Question } from '../task/key-question.ts'
import type { FromSubtask, Output, SubtaskFacts, ToSubtask, Work } from './messages.ts'
import { decodeResults } from './result-transfer.ts'
import type { ExtractedRows } from './extracted-source.ts'

/** The way to a thread. */
export interface SubtaskPort {
  post(message: ToSubtask, transfer?: readonly ArrayBuffer[]): void
  close(): Promise<void>
}

export interface RemoteEvents {
  extracted(batch: number, extracted: ExtractedRows): void
  snapshot(barrier: Barrier, snapshot: SubtaskSnapshot): void
  failed(error: Error): void
}

interface Promised<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

const NOTHING: SubtaskFacts = {
  recordsIn: 0,
  recordsOut: 0,
  maxEventTimeMs: Number.NEGATIVE_INFINITY,
  nextDecayMs: null,
  keys: 0,
  stateBytes: 0,
  busyMs: 0,
  extractingMs: 0,
  counters: {},
  code: [],
}

export class RemoteSubtask implements KeyedStatus {
  readonly index: number
  readonly features: readonly string[] | undefined
  readonly output = new Channel<ResultBuffer>(Number.POSITIVE_INFINITY) // bounded by what the thread may send
  facts = NOTHING
  isDecaying = false
  /** whether rows that a restore brought have been asked for, and have come */
  rewriting: 'no' | 'asked' | 'done' = 'no'
  private readonly port: SubtaskPort
  private readonly events: RemoteEvents
  private outbox: Work[] = []
  /** work that is not done, oldest first, with what is to be done then */
  private readonly underWay: ((() => void) | null)[] = []
  private resultsCame = 0
  private resultsTaken = 0
  private readonly questions = new Map<number, Promised<readonly KeyAnswer[]>>()
  private asked = 0
  private beginning: Promised<void> | null = null

  /** `features`: that it computes; undefined: all of the view's. */
  constructor(
    index: number,
    features: readonly string[] | undefined,
    connect: (receive: (message: FromSubtask) => void) => SubtaskPort,
    events: RemoteEvents,
  ) {
    this.index = index
    this.features = features
    this.events = events
    this.port = connect((message) => this.receive(message))
  }

  get recordsIn(): number {
    return this.facts.recordsIn
  }

  get recordsOut(): number {
    return this.facts.recordsOut
  }

  get keys(): number {
    return this.facts.keys
  }

  get stateBytes(): number {
    return this.facts.stateBytes
  }

  codeReport(): readonly CodeFeatureReport[] {
    return this.facts.code
  }

  get busyMs(): number {
    return this.facts.busyMs
  }

  get unfinished(): number {
    return this.underWay.length
  }

  /** `isPart`: they are of its own features alone; else of the whole view. */
  restoreKeyGroup(group: number, bytes: Uint8Array, isPart: boolean): void {
    const own = new Uint8Array(bytes)
    this.port.post({ do: 'restoreGroup', group, bytes: own, isPart }, [own.buffer])
  }

  restoreOperator(state: OperatorState): void {
    this.port.post({ do: 'restoreOperator', state })
  }

  /** Resolves when the thread stands and has restored what it was given. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.beginning = { resolve, reject }
      this.port.post({ do: 'begin' })
    })
  }

  post(message: ToSubtask): void {
    this.port.post(message)
  }

  /** `done`: called when the subtask does not need it any more. Goes out with the next `flush`. */
  send(work: Work, done: (() => void) | null = null): void {
    this.outbox.push(work)
    this.underWay.push(done)
  }

  /** Sends what waits, and tells of results that the sinks have taken. */
  flush(): void {
    const taken = this.resultsCame - this.resultsTaken - this.waitingResults()
    if (taken > 0) {
      this.resultsTaken += taken
      this.port.post({ do: 'taken', results: taken })
    }
    if (this.outbox.length === 0) return
    this.port.post({ do: 'work', work: this.outbox })
    this.outbox = []
  }

  private waitingResults(): number {
    let waiting = 0
    for (const { kind } of this.output.newestFirst()) if (kind === 'data') waiting++
    return waiting
  }

  decay(nowMs: number): void {
    if (this.isDecaying) return
    this.isDecaying = true
    this.port.post({ do: 'decay', nowMs })
  }

  /** `inLine`: behind the work that it has been given. */
  rewrite(inLine: boolean): void {
    if (this.rewriting !== 'no') return
    this.rewriting = 'asked'
    if (!inLine) this.port.post({ do: 'rewrite' })
    else
      this.send({ kind: 'rewrite' }, () => {
        this.rewriting = 'done'
      })
  }

  /** `inLine`: behind the work that it has been given. */
  ask(question: Question, inLine = false): Promise<readonly KeyAnswer[]> {
    return new Promise((resolve, reject) => {
      const id = ++this.asked
      this.questions.set(id, { resolve, reject })
      if (inLine) this.send({ kind: 'answer', id, question })
      else this.port.post({ do: 'answer', id, question })
    })
  }

  /** The key's newest row among the results that wait here for the sinks. */
  rowWaiting(key: string): ResultRow | null {
    for (const element of this.output.newestFirst()) {
      const row = element.kind === 'data' ? element.data.current.get(key) : undefined
      if (row) return row
    }
    return null
  }

  private receive(message: FromSubtask): void {
    switch (message.did) {
      case 'ready':
        this.facts = message.facts
        this.beginning?.resolve()
        return
      case 'extract':
        this.events.extracted(message.batch, message.extracted)
        return
      case 'work':
        this.facts = message.facts
        if (message.decayed) this.isDecaying = false
        if (message.rewritten) this.rewriting = 'done'
        for (const output of message.outputs) this.take(output)
        for (let i = 0; i < message.done; i++) this.underWay.shift()?.()
        return
      case 'snapshot':
        this.events.snapshot(message.barrier, message.snapshot)
        return
      case 'answer':
        this.questions.get(message.id)?.resolve(message.answers)
        this.questions.delete(message.id)
        return
      case 'fail': {
        const error = new Error(`Keyed subtask ${this.index} failed: ${message.message}`)
        if (message.stack) error.stack = message.stack
        this.events.failed(error)
        return
      }
    }
  }

  private take(output: Output): void {
    if (output.kind === 'results') this.resultsCame++
    this.output.push(output.kind === 'barrier' ? output : { kind: 'data', data: decodeResults(output.results) })
  }

  /** Whoever waits for it is told. */
  lost(error: Error): void {
    this.beginning?.reject(error)
    for (const { reject } of this.questions.values()) reject(error)
    this.questions.clear()
  }

  close(): Promise<void> {
    return this.port.close()
  }
}
