/**
 * What a keyed subtask's thread does: extracts batches in turn for the source, applies what is its own of every judged batch in the
 * order of the source, answers reads, snapshots at barriers. It reads no clock and no port of its own.
 */
import type { SubtaskSnapshot } from '../checkpoint/coordinator.ts'
import type { Evaluator } from '../compile/evaluator.ts'
import type { PartOfState } from '../plan/feature-parts.ts'
import { subtasksOfGroups } from '../state/hash.ts'
import type { EventBatch, KeyedOperator, ResultBuffer } from '../state/operator.ts'
import { partOfGroup } from '../state/part-rows.ts'
import type { Barrier } from '../task/channel.ts'
import type { EventIntake } from '../task/event-intake.ts'
import { answerQuestion, DECAY_KEYS_PER_CALL } from '../task/key-question.ts'
import { KeyedSnapshots } from '../task/keyed-snapshots.ts'
import { KeyedSubtask } from '../task/keyed-task.ts'
import { extractRecords } from './extraction.ts'
import { groupsOf, type Layout, rangeOf } from './layout.ts'
import { type FromSubtask, type Output, OUTPUTS_ON_THEIR_WAY, type SubtaskFacts, type Told, type ToSubtask, type Work } from './messages.ts'
import { encodeResults } from './result-transfer.ts'
import { foundOf, recordsOf } from './shared-records.ts'
import { ownRowsOf, shareRows } from './shared-rows.ts'

export interface SubtaskOptions {
  readonly index: number
  readonly layout: Layout
  /** what it computes of the view; missing: all of it */
  readonly part?: PartOfState | undefined
  readonly operator: KeyedOperator
  /** of the whole view: whoever extracts, does it for all */
  readonly intake: EventIntake
  /** the intake's, and the operator's */
  readonly sourceEvaluator: Evaluator
  readonly evaluator: Evaluator
  /** comparable with that of the source's thread */
  readonly nowMs: () => number
  readonly post: (message: FromSubtask, transfer: ArrayBuffer[]) => void
}

const REWRITE_KEYS_PER_CALL = 256
const SNAPSHOT_KEYS_PER_STEP = 512
const EXPIRE_KEYS_PER_CALL = 512
const IDLE_EXPIRE_KEYS = 128
const ELEMENTS = Number.POSITIVE_INFINITY // bounded by who sends them
const SIZES_EVERY_MS = 200
const COPIED_BELOW_BYTES = 1 << 14

export class Subtask {
  private readonly options: SubtaskOptions
  private readonly task: KeyedSubtask
  private readonly snapshots: KeyedSnapshots
  private readonly rangeOfGroup: Uint8Array
  private readonly barrierSentMs = new Map<number, number>()
  private sent = 0
  private done = 0
  private decayToMs: number | null = null
  private decayed = false
  private isRewriting = false
  private rewritten = false
  private busyMs = 0
  private extractingMs = 0
  private sizes = { keys: 0, stateBytes: 0, atMs: Number.NEGATIVE_INFINITY }
  private changed = false

  constructor(options: SubtaskOptions) {
    this.options = options
    const { index, layout, part, operator, nowMs } = options
    this.rangeOfGroup = subtasksOfGroups(layout.ranges)
    this.snapshots = new KeyedSnapshots(nowMs, (barrier, snapshot) => this.acknowledge(barrier, snapshot))
    this.task = new KeyedSubtask({
      index,
      groups: groupsOf(layout, index),
      operator,
      part,
      capacity: ELEMENTS,
      onBarrier: (task, barrier) => {
        this.snapshots.begin(task, barrier, this.barrierSentMs.get(barrier.id)!)
        this.barrierSentMs.delete(barrier.id)
      },
    })
  }

  receive(message: ToSubtask): void {
    const { options } = this
    switch (message.do) {
      case 'restoreGroup':
        this.restoreGroup(message)
        return
      case 'restoreOperator':
        options.operator.restoreOperator(message.state)
        return
      case 'begin':
        options.post({ did: 'ready', facts: this.facts() }, [])
        return
      case 'extract':
        this.extract(message)
        return
      case 'work':
        for (const work of message.work) this.take(work)
        return
      case 'taken':
        this.sent -= message.results
        return
      case 'decay':
        this.decayToMs = message.nowMs
        return
      case 'rewrite':
        this.isRewriting = true
        return
      case 'configure':
        options.operator.configure(message.parameters)
        return
      case 'answer':
        options.post({ did: 'answer', id: message.id, answers: answerQuestion(this.task, message.question) }, [])
        return
      default:
        throw new Error(`a keyed subtask cannot ${(message satisfies never as { do: string }).do}`)
    }
  }

  private restoreGroup({ group, bytes, isPart }: Extract<ToSubtask, { do: 'restoreGroup' }>): void {
    const { operator, part } = this.options
    operator.restoreKeyGroup(group, part && !isPart ? partOfGroup(group, bytes, part) : bytes)
  }

  private extract({ batch, records, memory }: Extract<ToSubtask, { do: 'extract' }>): void {
    const { intake, sourceEvaluator, nowMs, post } = this.options
    const startMs = nowMs()
    const found = foundOf(records)
    const extracted = extractRecords(recordsOf(records), intake, sourceEvaluator, found)
    const { rows } = extracted
    const take = (bytes: number) => (memory && memory.byteLength >= bytes ? memory : new SharedArrayBuffer(roundedUp(bytes)))
    const shared = 'keyBytes' in rows ? shareRows(rows, this.rangeOfGroup, this.options.layout.ranges, found.rowOf, take) : rows
    post({ did: 'extract', batch, extracted: { ...extracted, rows: shared } }, [])
    const tookMs = nowMs() - startMs
    this.busyMs += tookMs
    this.extractingMs += tookMs
  }

  private take(work: Work): void {
    const { input } = this.task
    switch (work.kind) {
      case 'shared':
        input.push({ kind: 'data', data: this.ownColumns(ownRowsOf(work.rows, rangeOf(this.options.layout, this.options.index))) })
        return
      case 'plain':
        input.push({ kind: 'data', data: this.ownColumns(work.rows) })
        return
      case 'watermark':
        input.push(work)
        return
      case 'barrier':
        this.barrierSentMs.set(work.barrier.id, work.sentMs)
        input.push({ kind: 'barrier', barrier: work.barrier })
        return
      default:
        input.push({ kind: 'chore', step: (out) => this.doChore(work, out) })
    }
  }

  /** A slice of it; true: it is done. */
  private doChore(told: Told, out: ResultBuffer): boolean {
    const { operator, post } = this.options
    switch (told.kind) {
      case 'decay':
        return operator.decay(told.orNewest ? Math.max(told.nowMs, operator.maxEventTimeMs()) : told.nowMs, DECAY_KEYS_PER_CALL, out)
      case 'rewrite':
        return operator.rewrite(REWRITE_KEYS_PER_CALL)
      case 'expire':
        return operator.expire(EXPIRE_KEYS_PER_CALL)
      case 'configure':
        operator.configure(told.parameters)
        return true
      case 'answer':
        post({ did: 'answer', id: told.id, answers: answerQuestion(this.task, told.question) }, [])
        return true
    }
  }

  /** Those that its features read. */
  private ownColumns(rows: EventBatch): EventBatch {
    const { part } = this.options
    return part ? ({ ...rows, columns: part.columns.map((column) => rows.columns[column]!) } as EventBatch) : rows
  }

  /** Works until `mustYield`. True: more can be done now. */
  work(mustYield: () => boolean): boolean {
    const { task, options } = this
    const startMs = options.nowMs()
    const waiting = task.input.size
    task.run(() => this.sent + task.output.size >= OUTPUTS_ON_THEIR_WAY || mustYield())
    this.done += waiting - task.input.size
    this.snapshots.advance(SNAPSHOT_KEYS_PER_STEP)
    const isFree = task.input.size === 0 && this.sent + task.output.size < OUTPUTS_ON_THEIR_WAY
    if (isFree && this.decayToMs !== null) this.decay(this.decayToMs)
    if (isFree && this.isRewriting) this.rewrite()
    this.busyMs += options.nowMs() - startMs
    this.tell()
    const canApply = task.input.size > 0 || this.decayToMs !== null || this.isRewriting
    return this.snapshots.count > 0 || (canApply && this.sent < OUTPUTS_ON_THEIR_WAY)
  }

  private decay(toMs: number): void {
    if (!this.task.decay(toMs, DECAY_KEYS_PER_CALL)) return
    this.decayToMs = null
    this.decayed = true
  }

  private rewrite(): void {
    if (!this.task.rewrite(REWRITE_KEYS_PER_CALL)) return
    this.isRewriting = false
    this.rewritten = true
  }

  /** Nothing has come for a while: old rows go. */
  idle(): void {
    if (this.task.input.size > 0) return
    if (!this.options.part) this.options.operator.expire(IDLE_EXPIRE_KEYS)
    const { stateBytes } = this.sizes
    this.changed ||= this.facts().stateBytes !== stateBytes
    this.tell()
  }

  private tell(): void {
    const { task, done, decayed, rewritten } = this
    if (done === 0 && !decayed && !rewritten && !this.changed && (task.output.size === 0 || this.sent >= OUTPUTS_ON_THEIR_WAY)) return
    const outputs: Output[] = []
    const transfer: ArrayBuffer[] = []
    while (this.sent < OUTPUTS_ON_THEIR_WAY) {
      const element = task.output.shift()
      if (!element) break
      if (element.kind === 'barrier') outputs.push({ kind: 'barrier', barrier: element.barrier })
      if (element.kind !== 'data') continue
      const { results, transfer: own } = encodeResults(element.data)
      outputs.push({ kind: 'results', results })
      transfer.push(...own)
      this.sent++
    }
    this.done = 0
    this.decayed = false
    this.rewritten = false
    this.changed = false
    this.options.post({ did: 'work', done, outputs, decayed, rewritten, facts: this.facts() }, transfer)
  }

  private acknowledge(barrier: Barrier, snapshot: SubtaskSnapshot): void {
    const files = snapshot.files.map(({ name, parts }) => ({ name, parts: parts.map(movable) }))
    const transfer = new Set(files.flatMap(({ parts }) => parts.map(({ buffer }) => buffer as ArrayBuffer)))
    this.options.post({ did: 'snapshot', barrier, snapshot: { ...snapshot, files } }, [...transfer])
  }

  private facts(): SubtaskFacts {
    const { task, options, sizes } = this
    const { operator } = options
    const nowMs = options.nowMs()
    if (nowMs - sizes.atMs >= SIZES_EVERY_MS || task.input.size === 0)
      this.sizes = { keys: operator.keys(), stateBytes: operator.stateBytes(), atMs: nowMs }
    return {
      recordsIn: task.recordsIn,
      recordsOut: task.recordsOut,
      maxEventTimeMs: operator.maxEventTimeMs(),
      nextDecayMs: operator.nextDecayMs(),
      keys: this.sizes.keys,
      stateBytes: this.sizes.stateBytes,
      busyMs: this.busyMs,
      extractingMs: this.extractingMs,
      counters: { ...options.evaluator.counters },
      code: operator.codeReport?.() ?? [],
    }
  }
}

const roundedUp = (bytes: number) => 2 ** Math.ceil(Math.log2(Math.max(1 << 14, bytes)))

/** Bytes whose buffer may change its owner: small ones may stand in node's pool, and are copied. */
const movable = (bytes: Uint8Array): Uint8Array => (bytes.length < COPIED_BELOW_BYTES ? new Uint8Array(bytes) : bytes)
