/** A view with features in TypeScript through the whole pipeline: order, timers, snapshots, throws (semantics.md 5, 9, 10, 13, 24). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseView } from '../../definition/parse-sql.ts'
import type { CodeFeature, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { compileSource } from '../../features/load/compile-source.ts'
import { restoreFiles } from '../checkpoint/restore.ts'
import { type RunOptions, runView, TestRun, type TestEvent } from '../task/run-view.fixture.ts'

const stream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
}

function compiled(source: string): CodeFeature {
  const { feature, problems } = compileSource(
    'test-feature.ts',
    `import { defineFeature, listState, mapState, valueState, reducingState, aggregatingState } from './evenflow.ts'\n${source}`,
  )
  if (!feature) throw new Error(JSON.stringify(problems))
  return feature
}

/** Says everything it was called with: one value that shows order, timers, randomness and all five states. */
const diary = compiled(`
const MINUTE_MS = 60_000
export default defineFeature({
  name: 'diary',
  input: { amount: 'int?' },
  output: 'string',
  parameters: { minutes: { type: 'int', default: 10 } },
  state: {
    lines: listState<string>(),
    seen: mapState<number, number>(),
    total: reducingState<number>((a, b) => a + b),
    mean: aggregatingState({ create: () => [0, 0] as readonly number[], add: ([n = 0, sum = 0]: readonly number[], x: number) => [n + 1, sum + x], finish: ([n = 0, sum = 0]) => sum / n }),
    last: valueState(0),
  },
  onEvent({ amount }, ctx) {
    const { state, timers, eventTimeMs, parameters } = ctx
    const value = amount ?? -1
    state.seen.set(value, (state.seen.get(value) ?? 0) + 1)
    state.total.add(value)
    state.mean.add(value)
    timers.clear('quiet')
    timers.set('quiet', eventTimeMs + parameters.minutes * MINUTE_MS)
    if (value % 3 === 0) timers.set('third', eventTimeMs + 1)
    state.lines.add('e' + value + '@' + (eventTimeMs - state.last.get()) + ':' + Math.floor(ctx.random() * 1000))
    state.last.set(eventTimeMs)
    if (value === 13) throw new Error('thirteen at ' + eventTimeMs)
    return text(ctx)
  },
  onTimer(timer, ctx) {
    ctx.state.lines.add(timer.name + '@' + (timer.atMs - ctx.state.last.get()) + ':' + Math.floor(ctx.random() * 1000))
    return text(ctx)
  },
})
const text = ({ state, key }) => key.card + ' ' + state.lines.get().slice(-4).join(' ') + ' ' + state.seen.entries().length + ' ' + state.total.get() + ' ' + state.mean.get()
`)

const sql = `SELECT card, diary(amount, minutes => 2) AS d, COUNT(*) OVER w AS n, d || ' ' || n::varchar AS both
  FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '5' MINUTE PRECEDING AND CURRENT ROW)`

async function viewOf(text: string, ...code: CodeFeature[]): Promise<ViewDefinition> {
  const { checked, problems } = await parseView(text, [stream], code)
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}

const event = (card: string, amount: number | null, seconds: number): TestEvent => ({ value: { card, amount, ts: seconds * 1000 } })
const someEvents = fc.array(
  fc.record({
    card: fc.constantFrom('a', 'b', 'c', 'd'),
    amount: fc.option(fc.integer({ min: 0, max: 20 })),
    step: fc.integer({ min: -40, max: 300 }),
  }),
  { minLength: 1, maxLength: 40 },
)
const inTime = (steps: readonly { card: string; amount: number | null; step: number }[]): TestEvent[] => {
  let at = 1000
  return steps.map(({ card, amount, step }) => event(card, amount, (at += step)))
}
/** Rows that time has changed are written at a time that is nobody's business: the stores are compared when all of them are. */
async function settled(run: TestRun): Promise<TestRun> {
  while (!run.pipeline.decay(run.pipeline.maxAppliedMs())) await run.pipeline.drain()
  await run.pipeline.drain()
  return run
}

const outcome = (run: TestRun) => ({
  history: run.history.rows
    .map(({ key, offset, values, version }) => [key, offset, values, version])
    .sort((a, b) => Number(a[1]) - Number(b[1])),
  online: [...run.online.byKey].map(([key, { values, version }]) => [key, values, version]).sort(),
})

/** A run whose state can be taken at a barrier and given to a run of another parallelism. */
class MovableRun extends TestRun {
  readonly files: Map<string, Uint8Array>

  constructor(options: RunOptions) {
    const files = new Map<string, Uint8Array>()
    super({
      ...options,
      acknowledge: (_, snapshot) => {
        for (const { name, parts } of snapshot.files) files.set(name, Buffer.concat(parts))
      },
    })
    this.files = files
  }

  async barrier(): Promise<void> {
    this.files.clear()
    this.pipeline.inject({ id: 1, triggeredAtMs: 0 })
    await this.pipeline.drain()
  }

  restore(files: ReadonlyMap<string, Uint8Array>): this {
    const state = restoreFiles(files, 'memory', this.operators)
    this.source.open(state, 0)
    this.continueAt(0, state.positions['0']!)
    return this
  }
}

describe.each(['event_time', 'arrival'] as const)('in %s order', (order) => {
  const options = async (): Promise<RunOptions> => ({
    definition: await viewOf(sql, diary),
    stream,
    order,
    outOfOrdernessMs: 60_000,
    allowedLatenessMs: order === 'arrival' ? 3_600_000 : 0,
  })

  test('semantics 24: batches, parallelism and snapshots in between change no value, no timer and no version', async () => {
    const base = await options()
    await fc.assert(
      fc.asyncProperty(someEvents, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), async (steps, sizes) => {
        const events = inTime(steps)
        const whole = outcome(await settled(await runView(base, events)))
        expect(outcome(await settled(await runView(base, events, sizes)))).toEqual(whole)
        let run = new MovableRun({ ...base, parallelism: 1 })
        run.open()
        const rows: TestRun['history']['rows'] = []
        const online = run.online.byKey
        const keep = () => {
          rows.push(...run.history.rows)
          run.online.byKey.forEach((row, key) => online.set(key, row))
        }
        for (const [i, parallelism] of [3, 2, 1].entries()) {
          await run.feed(events.slice(Math.floor((events.length * i) / 4), Math.floor((events.length * (i + 1)) / 4)))
          await run.barrier()
          keep()
          run = new MovableRun({ ...base, parallelism }).restore(run.files)
        }
        await run.feed(events.slice(Math.floor((events.length * 3) / 4)))
        await run.end()
        await settled(run)
        keep()
        const parts = { history: { rows }, online: { byKey: online } } as unknown as TestRun
        expect(outcome(parts)).toEqual(whole)
      }),
      { numRuns: 30 },
    )
  })
})
