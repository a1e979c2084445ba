/**
 * One call of a feature in TypeScript in a view, for all keys: its functions, parameters and what is counted. What it keeps of one key is
 * an `InstanceState`. A call that throws leaves state and value as they were.
 */
import type { Declaration } from '../../features/load/declaration.ts'
import type { Context } from '../../features/evenflow.ts'
import { streamPartition } from '../../definition/union-partitions.ts'
import type { Counters, Value } from '../compile/value.ts'
import type { PlannedCode } from '../plan/plan.ts'
import type { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { frozenCopy, readJson, writeJson } from './json-codec.ts'
import { type KeyedState, newKeyedState } from './keyed-state.ts'
import { fromCode, toCode } from './output.ts'
import { seededRandom } from './seeded-random.ts'
import { KeyTimers } from './timers.ts'
import { Undo } from './undo.ts'

/** Whom a call is for: its key and the position of the key's latest event. */
export interface CallPlace {
  readonly key: string
  readonly partition: number
  readonly offset: number
}

export interface InstanceState {
  readonly states: readonly KeyedState[]
  readonly handles: Readonly<Record<string, unknown>>
  readonly timers: KeyTimers
  /** newest event time, for the TTL; −Infinity: no event yet, or forgotten since */
  touchedMs: number
  value: Value
}

const MAX_LOG_LINE = 300

export class CodeInstance {
  readonly planned: PlannedCode
  /** false: its calls are left out, its value is NULL */
  enabled = true
  readonly #declaration: Declaration
  readonly #stateNames: readonly string[]
  readonly #undo = new Undo()
  readonly #context: CallContext
  readonly #read: ((value: Value) => Value)[]
  readonly #answer: (answer: unknown) => Value

  constructor(
    planned: PlannedCode,
    declaration: Declaration,
    streams: readonly string[],
    keyFields: readonly string[],
    counters: Counters,
    log: (line: string) => void,
  ) {
    this.planned = planned
    this.#declaration = declaration
    this.#stateNames = Object.keys(declaration.state)
    this.#read = planned.feature.inputs.map(({ type }) => toCode(type))
    this.#answer = fromCode(planned.feature.output, counters)
    const parameters: Record<string, unknown> = {}
    for (const { name, default: value } of planned.feature.parameters) parameters[name] = planned.parameters[name] ?? value
    this.#context = new CallContext(
      Object.freeze(parameters),
      streams,
      keyFields,
      planned.feature.hash,
      toCode(planned.feature.output),
      log,
    )
  }

  get name(): string {
    return this.planned.feature.name
  }

  newState(): InstanceState {
    const states = Object.values(this.#declaration.state).map((declaration) => newKeyedState(declaration, this.#undo))
    const handles = Object.freeze(Object.fromEntries(this.#stateNames.map((name, i) => [name, states[i]])))
    return { states, handles, timers: new KeyTimers(this.#undo), touchedMs: Number.NEGATIVE_INFINITY, value: null }
  }

  /** The event as its function gets it; null: an input that may not be NULL is. */
  eventOf(columns: readonly Value[]): Record<string, Value> | null {
    const event: Record<string, Value> = {}
    const { inputs } = this.planned.feature
    for (let i = 0; i < inputs.length; i++) {
      const value = columns[this.planned.inputs[i]!]!
      if (value === null && !inputs[i]!.nullable) return null
      event[inputs[i]!.name] = value === null ? null : this.#read[i]!(value)
    }
    return event
  }

  /** @throws what the feature throws; state and value are then as before */
  onEvent(state: InstanceState, event: Record<string, Value>, timeMs: number, place: CallPlace): void {
    this.#call(state, timeMs, place, '', (context) => this.#declaration.onEvent(event as never, context as never))
  }

  /** Fires the earliest timer. @throws as above */
  onTimer(state: InstanceState, place: CallPlace): void {
    const timer = state.timers.shift()
    const { onTimer } = this.#declaration
    if (!onTimer) return
    this.#call(state, timer.atMs, place, `${timer.name}@${timer.atMs}`, (context) =>
      onTimer.call(this.#declaration, timer, context as never),
    )
  }

  #call(state: InstanceState, timeMs: number, place: CallPlace, timer: string, call: (context: CallContext) => unknown): void {
    this.#context.begin(state, timeMs, place, timer)
    try {
      const answer = call(this.#context)
      if (answer !== undefined) state.value = this.#answer(answer)
      this.#undo.keep()
    } catch (error) {
      this.#undo.takeBack()
      throw error
    } finally {
      this.#context.end()
    }
  }

  write(out: ByteWriter, state: InstanceState): void {
    out.f64(state.touchedMs)
    writeJson(out, frozenCopy(state.value))
    state.timers.write(out)
    for (const one of state.states) one.write(out)
  }

  read(from: ByteReader): InstanceState {
    const state = this.newState()
    state.touchedMs = from.f64()
    state.value = readJson(from) as Value
    state.timers.read(from)
    for (const one of state.states) one.read(from)
    return state
  }
}

/** What a feature's function gets as `ctx`: one object, filled in before each call and empty between calls. */
class CallContext implements Context<unknown, unknown, Value> {
  readonly parameters: unknown
  eventTimeMs = 0
  readonly timers: Context<unknown, unknown, Value>['timers']
  #state: InstanceState | null = null
  #place: CallPlace | null = null
  #timer = ''
  #random: (() => number) | null = null
  /** by branch */
  readonly #streams: readonly string[]
  readonly #keyFields: readonly string[]
  readonly #seed: string
  readonly #show: (value: Value) => Value
  readonly #log: (line: string) => void

  constructor(
    parameters: unknown,
    streams: readonly string[],
    keyFields: readonly string[],
    seed: string,
    show: (value: Value) => Value,
    log: (line: string) => void,
  ) {
    this.parameters = parameters
    this.#streams = streams
    this.#keyFields = keyFields
    this.#seed = seed
    this.#show = show
    this.#log = log
    this.timers = Object.freeze({
      set: (name: string, atMs: number) => this.#current().timers.set(name, atMs, this.eventTimeMs),
      clear: (name: string, atMs?: number) => this.#current().timers.clear(name, atMs),
      list: () => this.#current().timers.list(),
    })
  }

  begin(state: InstanceState, timeMs: number, place: CallPlace, timer: string): void {
    this.#state = state
    this.#place = place
    this.#timer = timer
    this.#random = null
    this.eventTimeMs = timeMs
  }

  end(): void {
    this.#state = null
  }

  get state(): unknown {
    return this.#current().handles
  }

  get value(): Value {
    return this.#show(this.#current().value)
  }

  get position() {
    const { partition, offset } = this.#place!
    return { ...streamPartition(this.#streams, partition), offset }
  }

  get key() {
    const values = JSON.parse(this.#place!.key) as (boolean | number | string)[]
    return Object.fromEntries(this.#keyFields.map((name, i) => [name, values[i]!]))
  }

  random = (): number => {
    const { key, partition, offset } = this.#place!
    this.#random ??= seededRandom(`${this.#seed}:${key}:${partition}:${offset}:${this.#timer}`)
    return this.#random()
  }

  log = (message: string): void => this.#log(String(message).slice(0, MAX_LOG_LINE))

  #current(): InstanceState {
    if (!this.#state) throw new Error('ctx is there during a call only: nothing of it may be kept for later')
    return this.#state
  }
}
