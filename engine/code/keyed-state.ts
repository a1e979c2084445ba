/** The five keyed states of a feature in TypeScript, for one key: handles for its code, undo for a call that throws, bytes for snapshots. */
import type {
  AggregatingState,
  Json,
  ListState,
  MapKey,
  MapState,
  ReducingState,
  StateDeclaration,
  ValueState,
} from '../../features/evenflow.ts'
import type { ByteReader, ByteWriter } from '../state/byte-writer.ts'
import { frozenCopy, readJson, writeJson } from './json-codec.ts'
import type { Undo } from './undo.ts'

export interface KeyedState {
  write(out: ByteWriter): void
  read(from: ByteReader): void
  /** how many values it holds, for the estimate of bytes */
  readonly count: number
}

export function newKeyedState(declaration: StateDeclaration, undo: Undo): KeyedState {
  switch (declaration.kind) {
    case 'value':
      return new Value(frozenCopy(declaration.initial ?? null), undo)
    case 'list':
      return new List(undo)
    case 'map':
      return new Mapped(undo)
    case 'reducing':
      return new Reducing(declaration.reduce as (a: unknown, b: unknown) => unknown, undo)
    case 'aggregating':
      return new Aggregating(
        {
          create: declaration.create as () => unknown,
          add: declaration.add as (accumulator: unknown, value: unknown) => unknown,
          finish: declaration.finish as (accumulator: unknown) => unknown,
        },
        undo,
      )
  }
}

/** One JSON value, or nothing: what four of the five are made of. */
class Cell implements KeyedState {
  protected held: Json | undefined
  private readonly undo: Undo

  constructor(undo: Undo) {
    this.undo = undo
  }

  get count(): number {
    return this.held === undefined ? 0 : 1
  }

  protected put(value: Json | undefined): void {
    const before = this.held
    this.undo.note(() => (this.held = before))
    this.held = value
  }

  clear(): void {
    this.put(undefined)
  }

  write(out: ByteWriter): void {
    out.u8(this.held === undefined ? 0 : 1)
    if (this.held !== undefined) writeJson(out, this.held)
  }

  read(from: ByteReader): void {
    this.held = from.u8() === 0 ? undefined : readJson(from)
  }
}

class Value extends Cell implements ValueState<Json> {
  readonly #initial: Json

  constructor(initial: Json, undo: Undo) {
    super(undo)
    this.#initial = initial
  }

  get(): Json {
    return this.held === undefined ? this.#initial : this.held
  }

  set(value: Json): void {
    this.put(frozenCopy(value))
  }
}

class Reducing extends Cell implements ReducingState<Json> {
  readonly #reduce: (a: unknown, b: unknown) => unknown

  constructor(reduce: (a: unknown, b: unknown) => unknown, undo: Undo) {
    super(undo)
    this.#reduce = reduce
  }

  get(): Json {
    return this.held ?? null
  }

  add(value: Json): void {
    this.put(frozenCopy(this.held === undefined ? value : this.#reduce(this.held, value)))
  }
}

type Functions = {
  create: () => unknown
  add: (accumulator: unknown, value: unknown) => unknown
  finish: (accumulator: unknown) => unknown
}

class Aggregating extends Cell implements AggregatingState<unknown, unknown> {
  readonly #functions: Functions

  constructor(functions: Functions, undo: Undo) {
    super(undo)
    this.#functions = functions
  }

  get(): unknown {
    return this.held === undefined ? null : this.#functions.finish(this.held)
  }

  add(value: unknown): void {
    const { create, add } = this.#functions
    this.put(frozenCopy(add(this.held === undefined ? frozenCopy(create()) : this.held, value)))
  }
}

class List implements KeyedState, ListState<Json> {
  #values: Json[] = []
  #shown: readonly Json[] | null = null
  readonly #undo: Undo

  constructor(undo: Undo) {
    this.#undo = undo
  }

  get size(): number {
    return this.#values.length
  }

  get count(): number {
    return this.#values.length
  }

  get(): readonly Json[] {
    this.#shown ??= Object.freeze([...this.#values])
    return this.#shown
  }

  add(value: Json): void {
    this.#undo.note(() => this.#change(() => this.#values.pop()))
    this.#change(() => this.#values.push(frozenCopy(value)))
  }

  set(values: readonly Json[]): void {
    const before = this.#values
    this.#undo.note(() => this.#change(() => (this.#values = before)))
    this.#change(() => (this.#values = [...values].map((value) => frozenCopy(value))))
  }

  clear(): void {
    this.set([])
  }

  write(out: ByteWriter): void {
    out.u32(this.#values.length)
    for (const value of this.#values) writeJson(out, value)
  }

  read(from: ByteReader): void {
    this.#change(() => (this.#values = []))
    for (let left = from.u32(); left > 0; left--) this.#values.push(readJson(from))
  }

  #change(change: () => unknown): void {
    this.#shown = null
    change()
  }
}

class Mapped implements KeyedState, MapState<MapKey, Json> {
  #values = new Map<MapKey, Json>()
  /** the keys in their order; null: to be sorted */
  #sorted: readonly MapKey[] | null = null
  readonly #undo: Undo

  constructor(undo: Undo) {
    this.#undo = undo
  }

  get size(): number {
    return this.#values.size
  }

  get count(): number {
    return this.#values.size
  }

  get(key: MapKey): Json | undefined {
    return this.#values.get(sound(key))
  }

  has(key: MapKey): boolean {
    return this.#values.has(sound(key))
  }

  set(key: MapKey, value: Json): void {
    this.#put(sound(key), frozenCopy(value))
  }

  delete(key: MapKey): void {
    if (this.#values.has(sound(key))) this.#put(key, undefined)
  }

  keys(): readonly MapKey[] {
    this.#sorted ??= Object.freeze([...this.#values.keys()].sort(compareKeys))
    return this.#sorted
  }

  entries(): readonly (readonly [MapKey, Json])[] {
    return this.keys().map((key) => Object.freeze([key, this.#values.get(key)!] as const))
  }

  clear(): void {
    const before = this.#values
    this.#undo.note(() => this.#replace(before))
    this.#replace(new Map())
  }

  write(out: ByteWriter): void {
    out.u32(this.#values.size)
    for (const [key, value] of this.entries()) {
      writeJson(out, key)
      writeJson(out, value)
    }
  }

  read(from: ByteReader): void {
    this.#replace(new Map())
    for (let left = from.u32(); left > 0; left--) this.#values.set(readJson(from) as MapKey, readJson(from))
  }

  #replace(values: Map<MapKey, Json>): void {
    this.#values = values
    this.#sorted = null
  }

  #put(key: MapKey, value: Json | undefined): void {
    const before = this.#values.get(key)
    this.#undo.note(() => this.#hold(key, before))
    this.#hold(key, value)
  }

  #hold(key: MapKey, value: Json | undefined): void {
    if (this.#values.has(key) !== (value !== undefined)) this.#sorted = null
    if (value === undefined) this.#values.delete(key)
    else this.#values.set(key, value)
  }
}

/** @throws TypeError where it cannot be a key of a map */
function sound(key: MapKey): MapKey {
  if (typeof key === 'string' || typeof key === 'boolean' || (typeof key === 'number' && !Number.isNaN(key))) return key
  throw new TypeError(`a key of a MapState is a text, a number or a boolean, not ${key === null ? 'null' : typeof key}`)
}

const RANK: Record<string, number> = { boolean: 0, number: 1, string: 2 }
const compareKeys = (a: MapKey, b: MapKey): number => RANK[typeof a]! - RANK[typeof b]! || (a < b ? -1 : a > b ? 1 : 0)
