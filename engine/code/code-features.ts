/**
 * The features in TypeScript of a view, for the keys of one keyed subtask: calls them in event order, fires their timers, forgets what
 * their TTL says, and keeps state, timers and values with the key group. A throw costs its feature alone (DESIGN §4).
 *
 * Moments: a timer of time T, and the end of a TTL, come after everything of T. So before an event at t those before t fire; the
 * watermark W fires those before W.
 */
import type { DeadLetterReport } from '../../contract/job-ipc.ts'
import { loadFeature } from '../../features/load/load-feature.ts'
import type { Counters, Value } from '../compile/value.ts'
import type { Plan } from '../plan/plan.ts'
import { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { wtf8 } from '../compile/wtf8.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import { Heap } from '../state/heap.ts'
import type { OperatorPieces } from '../state/operator-state.ts'
import type { CallWatch } from './call-watch.ts'
import { CodeInstance } from './code-instance.ts'
import { CodeReport, type Given } from './code-report.ts'
import { readText } from './json-codec.ts'
import { KeyCode } from './key-code.ts'

export interface CodeFeaturesOptions {
  readonly plan: Plan
  readonly counters: Counters
  /** names of features that are left out from the start */
  readonly disabled?: readonly string[]
  /** what a snapshot says of disabled features counts no more */
  readonly forgive?: boolean
  /** where a watcher sees which call is going on */
  readonly watch?: CallWatch | undefined
}

/** An event of a key as the operator applies it. */
export interface CodeEvent {
  readonly key: string
  readonly group: number
  readonly timeMs: number
  readonly partition: number
  readonly offset: number
  readonly columns: readonly Value[]
}

export class CodeFeatures {
  readonly instances: readonly CodeInstance[]
  readonly report: CodeReport
  readonly #groups: Map<string, KeyCode>[] = Array.from({ length: KEY_GROUPS }, () => new Map())
  readonly #due = new Heap<{ atMs: number; code: KeyCode }>((a, b) => a.atMs < b.atMs)
  readonly #watch: CallWatch | undefined
  readonly #forgive: boolean
  #bytes = 0

  constructor({ plan, counters, disabled = [], forgive = false, watch }: CodeFeaturesOptions) {
    const keyFields = plan.keySlots.map((slot) => plan.fields[slot]!.name)
    this.instances = plan.code.map(
      (planned) =>
        new CodeInstance(
          planned,
          loadFeature(planned.feature),
          plan.branches?.map(({ stream }) => stream.name) ?? [plan.stream.name],
          keyFields,
          counters,
          (line) => this.report.log(planned.feature.name, line),
        ),
    )
    this.report = new CodeReport(Object.fromEntries(plan.code.map(({ feature }) => [feature.name, feature.hash])))
    this.#watch = watch
    this.#forgive = forgive
    for (const name of disabled) this.disable(name, 'one of its calls did not come back')
  }

  /** The key's code values from now on: a live array, changed in place. */
  of(key: string, group: number): KeyCode {
    const map = this.#groups[group]!
    let code = map.get(key)
    if (!code) {
      code = new KeyCode(key, group, this.instances)
      map.set(key, code)
    }
    return code
  }

  /** The key's next event. `firedBeforeMs`: timers and ends of TTL before this moment come first. */
  apply(event: CodeEvent, firedBeforeMs: number): KeyCode {
    const code = this.of(event.key, event.group)
    this.#fire(code, firedBeforeMs)
    code.noteEvent(event.timeMs, event.partition, event.offset)
    for (let i = 0; i < this.instances.length; i++) {
      const instance = this.instances[i]!
      if (!instance.enabled) continue
      const input = instance.eventOf(event.columns)
      if (!input) continue
      const state = code.stateOf(i)
      state.touchedMs = Math.max(state.touchedMs, event.timeMs)
      this.#guard(instance, code, event.timeMs, { event: input }, () => instance.onEvent(state, input, event.timeMs, code))
      if (instance.enabled) code.values[i] = state.value
    }
    this.#remind(code)
    return code
  }

  /** What they say of an instant; null: the key is not known. */
  valuesAt(key: string, group: number, atMs: number): readonly Value[] | null {
    return this.#groups[group]!.get(key)?.valuesAt(atMs) ?? null
  }

  forget(key: string, group: number): void {
    const code = this.#groups[group]!.get(key)
    if (!code) return
    for (let i = 0; i < this.instances.length; i++) code.forget(i)
    this.#groups[group]!.delete(key)
    this.#bytes -= code.bytes
  }

  /** What is due before the watermark, of at most about `limit` keys. `changed` is told each key whose values may be others. False: more is due. */
  advance(watermarkMs: number, limit: number, changed: (code: KeyCode) => void): boolean {
    let done = 0
    for (let head = this.#due.peek(); head && head.atMs < watermarkMs; head = this.#due.peek()) {
      if (done++ >= limit) return false
      const { code } = this.#due.pop()!
      code.reminderMs = null
      if (this.#fire(code, watermarkMs)) changed(code)
      this.#remind(code)
    }
    return true
  }

  /** Timers and ends of TTL before `beforeMs`, in the order of their time; at one time in the order of the features. True: something happened. */
  #fire(code: KeyCode, beforeMs: number): boolean {
    let fired = false
    for (let next = code.next(); next && next.atMs < beforeMs; next = code.next()) {
      fired = true
      const { index, atMs, what } = next
      code.noteFired(atMs)
      const instance = this.instances[index]!
      if (what === 'ttl') code.forget(index)
      else {
        const state = code.stateOf(index)
        const timer = state.timers.list()[0]!
        this.#guard(instance, code, atMs, { timer }, () => instance.onTimer(state, code))
        if (instance.enabled) code.values[index] = state.value
      }
    }
    return fired
  }

  #guard(instance: CodeInstance, code: KeyCode, atMs: number, given: Given, call: () => void): void {
    const { name } = instance
    this.#watch?.enter(this.instances.indexOf(instance), code.partition, code.offset)
    try {
      call()
      this.report.worked(name)
    } catch (error) {
      const within = this.report.threw(name, error, {
        file: instance.planned.feature.file,
        key: code.key,
        partition: code.partition,
        offset: code.offset,
        atMs,
        given,
      })
      if (!within) this.disable(name, 'more than half of its calls threw')
    } finally {
      this.#watch?.leave()
    }
  }

  /** From now on its value is NULL for every key, and what it kept is gone: events it does not see would be missing in it. */
  disable(name: string, why: string): void {
    this.report.disable(name, why)
    for (const [i, instance] of this.instances.entries()) {
      if (instance.name !== name) continue
      instance.enabled = false
      for (const group of this.#groups) for (const code of group.values()) code.forget(i)
    }
  }

  /** One entry a key, at or before the moment when it is needed; looked at again when it comes out. */
  #remind(code: KeyCode): void {
    const bytes = code.measure()
    this.#bytes += bytes - code.bytes
    code.bytes = bytes
    const next = code.next()
    if (!next || (code.reminderMs !== null && code.reminderMs <= next.atMs)) return
    code.reminderMs = next.atMs
    this.#due.push({ atMs: next.atMs, code })
  }

  /** What was refused since the last call. */
  takeDeadLetters(): DeadLetterReport[] {
    return this.report.takeDeadLetters()
  }

  snapshotGroup(group: number): Uint8Array {
    const out = new ByteWriter()
    out.u32(this.instances.length)
    for (const { planned } of this.instances) out.text(wtf8(planned.id))
    out.u32(this.#groups[group]!.size)
    for (const code of this.#groups[group]!.values()) code.write(out)
    return out.finish()
  }

  /** State of calls that this view has too is taken over, from the first section that has it. Tells each key that came. */
  restoreGroup(group: number, bytes: Uint8Array, restored: (code: KeyCode) => void): void {
    const from = new ByteReader(bytes)
    const slots = Array.from({ length: from.u32() }, () => readText(from)).map((id) =>
      this.instances.findIndex(({ planned, enabled }) => enabled && planned.id === id),
    )
    for (let left = from.u32(); left > 0; left--) {
      const code = this.of(readText(from), group)
      code.read(from, slots)
      this.#remind(code)
      restored(code)
    }
  }

  snapshotOperator(): OperatorPieces {
    return this.report.snapshot()
  }

  /** After the groups: what is disabled forgets what they brought. */
  restoreOperator(pieces: OperatorPieces): void {
    for (const name of this.report.restore(pieces, this.#forgive)) this.disable(name, '')
  }

  /** An estimate: what a key, a value and a timer take on average. */
  stateBytes(): number {
    return this.#bytes
  }
}
