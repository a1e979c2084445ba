/**
 * The compiled operator and the plain one side by side, over the same random events and asked the same things in every way: the plain one is
 * the oracle.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { ColumnIntake } from '../compile/column-intake.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { compileExtractor, keyTextOf } from '../compile/extract.ts'
import type { Value } from '../compile/value.ts'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { keepsPanes } from '../plan/fast-path.ts'
import { planView } from '../plan/plan.ts'
import type { RecordBatch } from '../source/port.ts'
import { keyGroupOf, KEY_GROUPS } from './hash.ts'
import type { KeyedOperator, OperatorSnapshot, ResultBuffer, RowBatch } from './operator.ts'
import { PlainKeyedOperator } from './plain-operator.ts'
import { readAnyGroup } from './read-any-group.ts'
import { SlabOperator } from './slab-operator.ts'

const stream: StreamSchema = {
  name: 's',
  eventTime: 'ts',
  fields: [
    { name: 'k', type: 'string' },
    { name: 'ts', type: 'timestamp' },
    { name: 'i', type: 'int', nullable: true },
    { name: 'd', type: 'double', nullable: true },
    { name: 'm', type: 'decimal(6,2)', nullable: true },
    { name: 'b', type: 'boolean', nullable: true },
    { name: 't', type: 'string', nullable: true },
  ],
}
interface Event {
  k: string
  step: number
  i: number | null
  d: number | null
  m: number | null
  b: boolean | null
  t: string | null
}
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 5 })
const event: fc.Arbitrary<Event> = fc.record({
  k: fc.constantFrom('a', 'b', 'ключ', 'a "quoted" key that is longer than what a record holds'),
  step: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 2, arbitrary: fc.integer({ min: -12, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4, max: 60 }) },
  ),
  i: nullable(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 53 - 1))),
  d: nullable(
    fc.oneof(
      fc.integer({ min: -40, max: 40 }).map((n) => n / 8),
      fc.constantFrom(2 ** 40, -(2 ** 40)),
    ),
  ),
  m: nullable(fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 100)),
  b: nullable(fc.boolean()),
  t: nullable(fc.constantFrom('x', 'y', '', 'é', '\ud800', 'tab\t')),
})

const KEYS = ['["a"]', '["b"]', '["ключ"]', '["none"]']

/** A run of both operators over the same events, every way of asking them. */
export class Pair {
  readonly evaluators
  readonly plain: PlainKeyedOperator
  fast: SlabOperator
  private underWay: { snapshot: OperatorSnapshot; whole: (Uint8Array | null)[] } | null = null
  private readonly extractor
  private readonly intake
  private readonly options
  private readonly panes: boolean
  private offset = 0
  private newestMs = 1000
  private watermarkMs = Number.NEGATIVE_INFINITY
  private latenessMs: number

  constructor(view: ViewDefinition, order: 'arrival' | 'event_time', latenessMs: number, ttlMs: number | null) {
    this.latenessMs = Math.min(latenessMs, ttlMs ?? latenessMs)
    const plan = planView(view, stream)
    this.panes = keepsPanes(plan)
    this.evaluators = [compileEvaluator(plan), compileEvaluator(plan), compileEvaluator(plan)] as const
    this.options = { order, allowedLatenessMs: latenessMs, clockSlackMs: 0, ttlMs }
    this.extractor = compileExtractor(plan)
    this.plain = new PlainKeyedOperator({ evaluator: this.evaluators[0], ...this.options })
    this.fast = new SlabOperator({ evaluator: this.evaluators[1], ...this.options })
    this.intake = new ColumnIntake(this.evaluators[2])
  }

  batch(events: Event[], partition: number): void {
    const chunks: Buffer[] = []
    const records = {
      partition,
      baseOffset: this.offset,
      count: events.length,
      valueStart: new Int32Array(events.length),
      valueEnd: new Int32Array(events.length),
      offsetDelta: new Int32Array(events.length),
      timestamp: new Float64Array(events.length),
      nextOffset: this.offset + events.length,
    }
    let at = 0
    const times: number[] = []
    for (const [n, { step, ...fields }] of events.entries()) {
      let timeMs = this.newestMs + step
      timeMs = Math.max(timeMs, this.newestMs - 5 - this.latenessMs) // older ones are late: they never reach an operator
      this.newestMs = Math.max(this.newestMs, timeMs)
      times.push(timeMs)
      const bytes = Buffer.from(JSON.stringify({ ...fields, ts: timeMs }))
      chunks.push(bytes)
      records.valueStart[n] = at
      at += bytes.length
      records.valueEnd[n] = at
      records.offsetDelta[n] = n
    }
    this.offset += events.length
    const batch: RecordBatch = { ...records, data: Buffer.concat(chunks) }
    const rows = {
      partition,
      count: 0,
      offsets: [] as number[],
      eventTimesMs: [] as number[],
      keys: [] as string[],
      keyGroups: [] as number[],
      columns: this.evaluators[0].plan.columns.map(() => [] as Value[]),
      watermarksMs: [] as number[],
      bytes: 0,
    }
    this.intake.begin(batch)
    let newest = this.watermarkMs + 5
    for (let n = 0; n < events.length; n++) {
      const row: Value[] = []
      expect(this.extractor.extract(batch.data, batch.valueStart[n]!, batch.valueEnd[n]!, row)).toBeNull()
      expect(this.intake.extract(n)).toBeNull()
      const before = newest - 5
      newest = Math.max(newest, times[n]!)
      const passes = this.evaluators[0].passes(row)
      expect(this.intake.passes()).toBe(passes)
      if (!passes) continue
      this.intake.keep(batch.baseOffset + n, before)
      const key = keyTextOf([row[0]!])
      rows.count++
      rows.offsets.push(batch.baseOffset + n)
      rows.eventTimesMs.push(times[n]!)
      rows.keys.push(key)
      rows.keyGroups.push(keyGroupOf(key))
      for (const [c, value] of this.evaluators[0].columnsOf(row).entries()) rows.columns[c]!.push(value)
      rows.watermarksMs.push(before)
    }
    const columns = this.intake.finish(0)
    expect(columns.count).toBe(rows.count)
    const cut = Math.floor(rows.count / 2)
    this.both((operator, out) => {
      if (operator !== this.fast) return this.plain.applyBatch(rows as RowBatch, 0, rows.count, out)
      this.fast.applyBatch(columns, 0, cut, out)
      this.fast.applyBatch(columns, cut, rows.count, out)
    })
    this.watermarkMs = newest - 5
    this.both((operator, out) => operator.advanceWatermark(this.watermarkMs, Number.POSITIVE_INFINITY, out))
  }

  both(act: (operator: KeyedOperator<never>, out: ResultBuffer) => unknown): void {
    const outs = [this.plain, this.fast].map((operator) => {
      const out: ResultBuffer = { rows: [], current: new Map() }
      act(operator as KeyedOperator<never>, out)
      operator.settle(out)
      return { rows: out.rows, current: [...out.current.values()].sort((a, b) => (a.key < b.key ? -1 : 1)) }
    })
    expect(outs[1]).toEqual(outs[0]) // these doubles add up without rounding, so that this can be exact
  }

  decay(byMs: number): void {
    this.both((operator, out) => operator.decay(this.newestMs + byMs, Number.POSITIVE_INFINITY, out))
  }

  forgetAfter(ttlMs: number | null): void {
    this.options.ttlMs = ttlMs
    this.latenessMs = Math.min(this.options.allowedLatenessMs, ttlMs ?? this.options.allowedLatenessMs)
    this.both((operator) => operator.configure({ ttlMs }))
    this.expire() // keys get their new timers when the sweep comes by
  }

  expire(): void {
    this.both((operator) => operator.expire(1000))
  }

  read(byMs: number): void {
    for (const key of KEYS) {
      const atMs = this.newestMs + byMs
      if (atMs < this.plain.readableFromMs()) continue
      const group = keyGroupOf(key)
      const [fast, plain] = [this.fast.read(key, atMs, group), this.plain.read(key, atMs, group)]
      // Panes do not know which of their events was the newest at a moment in the past, nor whether the key was forgotten then.
      const isPast = this.panes && fast.version === null
      if (isPast && this.options.ttlMs !== null) continue
      expect(isPast ? { ...fast, asOfMs: null } : fast, `${key} at ${atMs}`).toEqual(isPast ? { ...plain, asOfMs: null } : plain)
    }
  }

  /** What is begun here holds nothing of what comes after, however it is spread over the following steps. */
  beginSnapshot(): void {
    const whole = Array.from({ length: KEY_GROUPS }, (_, group) => this.fast.snapshotKeyGroup(group))
    this.underWay = { snapshot: this.fast.beginSnapshot(), whole }
  }

  goOnWithSnapshot(keys: number): void {
    if (!this.underWay?.snapshot.advance(keys)) return
    const { snapshot, whole } = this.underWay
    for (const [group, bytes] of whole.entries()) {
      const parts = snapshot.partsOf(group)
      expect(this.contents(group, parts && Buffer.concat(parts))).toEqual(this.contents(group, bytes))
    }
    this.underWay = null
  }

  /** What a snapshot of a group says, whatever the order of its keys. */
  private contents(group: number, bytes: Uint8Array | null): unknown {
    if (!bytes || !this.panes) return bytes && readAnyGroup(group, bytes).keys.sort((a, b) => (a.key < b.key ? -1 : 1))
    const operator = this.another()
    operator.restoreKeyGroup(group, bytes)
    return KEYS.map((key) => [0, 7, 40].map((ms) => operator.read(key, this.newestMs + ms, group)))
  }

  /** State moves from the compiled operator to a new one: rows by way of the plain one, panes directly, or made of the plain one's rows. */
  restore(): void {
    this.goOnWithSnapshot(Number.POSITIVE_INFINITY)
    const groups = Array.from({ length: KEY_GROUPS }, (_, group) => this.fast.snapshotKeyGroup(group))
    const fast = new SlabOperator({ evaluator: this.evaluators[1], ...this.options })
    fast.restoreOperator(this.fast.snapshotOperator())
    let source: KeyedOperator<never> = this.plain
    if (!this.panes) {
      const plain = new PlainKeyedOperator({ evaluator: this.evaluators[2], ...this.options })
      plain.restoreOperator(this.fast.snapshotOperator())
      for (const [group, bytes] of groups.entries()) if (bytes) plain.restoreKeyGroup(group, bytes)
      source = plain
    } else if (this.offset % 2 === 0) source = this.fast
    for (let group = 0; group < KEY_GROUPS; group++) {
      const bytes = source.snapshotKeyGroup(group)
      if (bytes) fast.restoreKeyGroup(group, bytes)
    }
    this.fast = fast
  }

  /** With nothing in it. */
  another(): SlabOperator {
    return new SlabOperator({ evaluator: this.evaluators[2], ...this.options })
  }

  end(): void {
    this.goOnWithSnapshot(Number.POSITIVE_INFINITY)
    this.both((operator, out) => operator.advanceWatermark(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, out))
    expect(this.fast.keys()).toBe(this.plain.keys())
    expect(this.fast.maxEventTimeMs()).toBe(this.plain.maxEventTimeMs())
    expect(this.evaluators[1].counters.overflow > 0).toBe(this.evaluators[0].counters.overflow > 0)
  }
}

type Step =
  | { do: 'batch'; events: Event[]; partition: number }
  | { do: 'decay'; byMs: number }
  | { do: 'read'; byMs: number }
  | { do: 'expire' }
  | { do: 'ttl'; ttlMs: number | null }
  | { do: 'restore' }
  | { do: 'snapshot' }
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      events: fc.array(event, { minLength: 1, maxLength: 25 }),
      partition: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('decay' as const), byMs: fc.integer({ min: 0, max: 50 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), byMs: fc.integer({ min: -20, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ttl' as const), ttlMs: fc.constantFrom(null, 4, 30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
)
/** A run: lateness, when keys are forgotten, and what is done. */
export const steps = fc.record({
  latenessMs: fc.constantFrom(0, 8),
  ttlMs: fc.constantFrom(null, null, 3, 12, 50),
  taken: fc.array(step, { minLength: 1, maxLength: 12 }),
})

type Run = typeof steps extends fc.Arbitrary<infer T> ? T : never

export function runSteps(view: ViewDefinition, { latenessMs, ttlMs, taken }: Run, order: 'arrival' | 'event_time'): void {
  const pair = new Pair(view, order, latenessMs, ttlMs)
  for (const one of taken) {
    if (one.do === 'batch') pair.batch(one.events, one.partition)
    else if (one.do === 'decay') pair.decay(one.byMs)
    else if (one.do === 'read') pair.read(one.byMs)
    else if (one.do === 'snapshot') pair.beginSnapshot()
    else if (one.do === 'ttl') pair.forgetAfter(one.ttlMs)
    else pair[one.do]()
    if (one.do !== 'snapshot') pair.goOnWithSnapshot(1)
  }
  pair.end()
}

/** Variances are right to the last digits, not in them; whole numbers are compared exactly. */
export function compareRounded(): void {
  expect.addEqualityTesters([
    (a, b) => {
      if (typeof a !== 'number' || typeof b !== 'number' || (Number.isInteger(a) && Number.isInteger(b))) return undefined
      return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
    },
  ])
}
