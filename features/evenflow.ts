/**
 * What a feature file imports. A feature declares what it is called with, what it keeps for each key and what it answers; storing,
 * timing, moving and forwarding are the engine's. See docs/how-to/your-first-typescript-feature.md.
 */
import type { FieldType } from '../definition/model.ts'

/** The engine's types, and how TypeScript sees them. A timestamp is epoch milliseconds, a decimal a plain number. */
export type TypeName = FieldType
export type ValueOf<T extends string> = T extends 'boolean' ? boolean : T extends 'string' ? string : number
/** `'int'`: events where it is NULL are passed over. `'int?'`: they come too, with null. */
export type InputType = TypeName | `${TypeName}?`
type InputValue<T extends string> = T extends `${infer Bare}?` ? ValueOf<Bare> | null : ValueOf<T>

/** What states hold: JSON values. They are copied when put in, and frozen: change a copy and put that in. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type MapKey = string | number | boolean

// ---- the five keyed states ----------------------------------------------------------------------------------------------

export interface ValueState<T> {
  /** what was set last; at first, what the declaration says */
  get(): T
  set(value: T): void
  clear(): void
}
export interface ListState<T> {
  readonly size: number
  get(): readonly T[]
  add(value: T): void
  set(values: readonly T[]): void
  clear(): void
}
/** Goes through its keys in their order: false before true, numbers by size, texts by their code units. */
export interface MapState<K extends MapKey, V> {
  readonly size: number
  get(key: K): V | undefined
  has(key: K): boolean
  set(key: K, value: V): void
  delete(key: K): void
  keys(): readonly K[]
  entries(): readonly (readonly [K, V])[]
  clear(): void
}
/** All that was added, reduced to one value of the same type; null while nothing was. */
export interface ReducingState<T> {
  get(): T | null
  add(value: T): void
  clear(): void
}
/** All that was added, in an accumulator of another type; null while nothing was. */
export interface AggregatingState<In, Out> {
  get(): Out | null
  add(value: In): void
  clear(): void
}

export type StateDeclaration<Handle = unknown> = {
  readonly kind: 'value' | 'list' | 'map' | 'reducing' | 'aggregating'
  readonly initial?: unknown
  readonly reduce?: (a: never, b: never) => unknown
  readonly create?: () => unknown
  readonly add?: (accumulator: never, value: never) => unknown
  readonly finish?: (accumulator: never) => unknown
  /** never there: it carries the type of the handle */
  readonly handle?: Handle
}

type Widen<T> = T extends boolean ? boolean : T extends number ? number : T extends string ? string : T

export const valueState = <T extends Json>(initial: T): StateDeclaration<ValueState<Widen<T>>> => ({ kind: 'value', initial })
export const listState = <T extends Json>(): StateDeclaration<ListState<T>> => ({ kind: 'list' })
export const mapState = <K extends MapKey, V extends Json>(): StateDeclaration<MapState<K, V>> => ({ kind: 'map' })
export const reducingState = <T extends Json>(reduce: (a: T, b: T) => T): StateDeclaration<ReducingState<T>> => ({
  kind: 'reducing',
  reduce,
})
export const aggregatingState = <In, Acc extends Json, Out>(functions: {
  create: () => Acc
  add: (accumulator: Acc, value: In) => Acc
  finish: (accumulator: Acc) => Out
}): StateDeclaration<AggregatingState<In, Out>> => ({ kind: 'aggregating', ...functions })

// ---- a feature --------------------------------------------------------------------------------------------------------------

export interface Timer {
  readonly name: string
  readonly atMs: number
}
export interface Timers {
  /** One for each (time, name) of the key. Fires once everything up to its time has been applied. `atMs` lies after `eventTimeMs`. */
  set(name: string, atMs: number): void
  /** Takes back one, or all of that name. */
  clear(name: string, atMs?: number): void
  /** Those that are set, by time, then name. */
  list(): readonly Timer[]
}

export interface Context<States, Parameters, Out> {
  /** of the event, or of the timer: the only clock there is */
  readonly eventTimeMs: number
  /** of the event; of a timer, that of the key's latest event */
  readonly position: { readonly stream: string; readonly partition: number; readonly offset: number }
  readonly key: Readonly<Record<string, boolean | number | string>>
  readonly parameters: Parameters
  readonly state: States
  readonly timers: Timers
  /** the value before this call; null: there is none */
  readonly value: Out | null
  /** 0 ≤ x < 1, the same in every run: drawn from key, position and feature */
  random(): number
  /** a line for the job's page */
  log(message: string): void
}

type Inputs = Record<string, InputType>
type ParameterDeclarations = Record<string, { type: TypeName; default: boolean | number | string }>
type EventOf<I extends Inputs> = { readonly [N in keyof I]: InputValue<I[N]> }
type ParametersOf<P extends ParameterDeclarations> = { readonly [N in keyof P]: ValueOf<P[N]['type']> }
type StatesOf<S> = { readonly [N in keyof S]: S[N] extends StateDeclaration<infer Handle> ? Handle : never }

export interface FeatureDeclaration<
  I extends Inputs,
  O extends TypeName,
  P extends ParameterDeclarations,
  S extends Record<string, StateDeclaration>,
> {
  /** as SQL calls it: small letters, digits and _ */
  name: string
  /** a sentence that the console shows */
  doc?: string
  input: I
  output: O
  parameters?: P
  state: S
  /** `'30 days'`: a key that has had no event for so long (of event time) forgets its state, timers and value */
  ttl?: string
  /** What it returns is the key's value from now on, null is NULL; returning nothing leaves the value as it is. */
  onEvent(event: EventOf<I>, ctx: Context<StatesOf<S>, ParametersOf<P>, ValueOf<O>>): ValueOf<O> | null | undefined
  onTimer?(timer: Timer, ctx: Context<StatesOf<S>, ParametersOf<P>, ValueOf<O>>): ValueOf<O> | null | undefined
}

export function defineFeature<
  const I extends Inputs,
  const O extends TypeName,
  const P extends ParameterDeclarations = Record<never, never>,
  S extends Record<string, StateDeclaration> = Record<never, never>,
>(declaration: FeatureDeclaration<I, O, P, S>): FeatureDeclaration<I, O, P, S> {
  return declaration
}
