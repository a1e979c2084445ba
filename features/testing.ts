/**
 * For tests of features: feeds events to a feature file and tells its values, as a job would. Between any two steps everything it keeps
 * goes through a snapshot into a fresh copy of its code: what a file keeps outside `state` is lost here, as it would be in a restart.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Field } from '../definition/model.ts'
import { CodeFeatures } from '../engine/code/code-features.ts'
import { toCode } from '../engine/code/output.ts'
import { newCounters, POW10, type Value } from '../engine/compile/value.ts'
import { keyGroupOf, KEY_GROUPS } from '../engine/state/hash.ts'
import type { Plan } from '../engine/plan/plan.ts'
import { decimalScale } from '../definition/types.ts'
import { compileSource } from './load/compile-source.ts'

export type TestValue = boolean | number | string | null

export interface FeatureTest {
  /** Feeds an event of the key; answers the value that stands in its row. `at`: epoch ms or ISO 8601. */
  event(key: string, at: number | string, inputs: Record<string, TestValue>): TestValue
  /** Event time has come so far: timers and ends of TTL before it are due. */
  advanceTo(at: number | string): void
  value(key: string): TestValue
  /** the lines of ctx.log, newest first */
  readonly log: readonly string[]
}

/** `file`: `new URL('./my-feature.ts', import.meta.url)`. @throws Error with what is wrong with the file; a step throws what the feature throws */
export function testFeature(file: URL, parameters: Record<string, boolean | number | string> = {}): FeatureTest {
  const name = basename(fileURLToPath(file))
  const { feature, problems } = compileSource(name, readFileSync(file, 'utf8'))
  if (!feature) throw new Error(problems.map(({ line, message }) => `${name}:${line}: ${message}`).join('\n'))
  for (const given of Object.keys(parameters))
    if (!feature.parameters.some((one) => one.name === given)) throw new Error(`${feature.name} has no parameter ${given}`)
  const fields: Field[] = [{ name: 'key', type: 'string' }]
  const plan: Plan = {
    stream: { name: 'events', fields, eventTime: 'event_time' },
    fields,
    keySlots: [0],
    eventTimeSlot: 0,
    where: undefined,
    branches: null,
    columns: [],
    latest: new Map(),
    windows: [],
    group: null,
    aggregates: [],
    code: [
      {
        feature,
        expr: { kind: 'code', feature: feature.name, args: [] },
        id: feature.hash,
        inputs: feature.inputs.map((_, i) => i),
        parameters,
      },
    ],
    features: [],
  }
  const fresh = () => new CodeFeatures({ plan, counters: newCounters() })
  const show = toCode(feature.output)
  let code = fresh()
  let nowMs = Number.NEGATIVE_INFINITY
  let offset = 0

  /** Through bytes into a new copy of the feature's code. */
  const restart = (): void => {
    const next = fresh()
    for (let group = 0; group < KEY_GROUPS; group++) next.restoreGroup(group, code.snapshotGroup(group), () => undefined)
    next.restoreOperator(code.snapshotOperator())
    for (const line of code.report.features()[0]!.log.toReversed()) next.report.log(feature.name, line)
    code = next
  }
  const settle = (): void => {
    const [refused] = code.takeDeadLetters()
    if (refused) throw new Error(refused.message)
    restart()
  }
  const columnOf = (input: (typeof feature.inputs)[number], given: Record<string, TestValue>): Value => {
    const value = given[input.name]
    if (value === undefined) throw new Error(`${feature.name} has an input ${input.name}: give it, or null`)
    const scale = decimalScale(input.type)
    return scale !== undefined && typeof value === 'number' ? Math.round(value * POW10[scale]!) : value
  }
  return {
    event(key, at, inputs) {
      const text = JSON.stringify([key])
      const timeMs = momentOf(at)
      const columns = feature.inputs.map((input) => columnOf(input, inputs))
      const { values } = code.apply(
        { key: text, group: keyGroupOf(text), timeMs, partition: 0, offset: offset++, columns },
        Math.max(timeMs, nowMs),
      )
      const value = show(values[0]!) as TestValue
      settle()
      return value
    },
    advanceTo(at) {
      nowMs = Math.max(nowMs, momentOf(at))
      code.advance(nowMs, Number.POSITIVE_INFINITY, () => undefined)
      settle()
    },
    value(key) {
      const text = JSON.stringify([key])
      return show(code.of(text, keyGroupOf(text)).values[0]!) as TestValue
    },
    get log() {
      return code.report.features()[0]!.log
    },
  }
}

function momentOf(at: number | string): number {
  const ms = typeof at === 'number' ? at : Date.parse(at)
  if (!Number.isSafeInteger(ms)) throw new Error(`${at} is no moment: give epoch milliseconds or ISO 8601`)
  return ms
}
