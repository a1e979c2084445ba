/** What a feature in TypeScript costs and keeps: throws, the rate, TTL, reads at instants, late events, a new version (semantics.md 4, 5, 11, 13). */
import { describe, expect, test } from 'vitest'
import type { CodeFeature, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { compileSource } from '../../features/load/compile-source.ts'
import { restoreFiles } from '../checkpoint/restore.ts'
import { planView } from '../plan/plan.ts'
import { stateChange } from '../plan/state-change.ts'
import { keyGroupOf } from '../state/hash.ts'
import { codeSections, rowBytes, withCode } from '../state/code-sections.ts'
import { encodeGroup } from '../state/codec.ts'
import { readAnyGroup } from '../state/read-any-group.ts'
import { type RunOptions, TestRun } from '../task/run-view.fixture.ts'

const stream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int', nullable: true },
    { name: 'ts', type: 'timestamp' },
  ],
}
const feature = (name: string, body: string, more = ''): CodeFeature => {
  const { feature: compiled, problems } = compileSource(
    `${name}.ts`,
    `import { defineFeature, valueState } from './evenflow.ts'
export default defineFeature({ name: '${name}', input: { amount: 'int' }, output: 'int', state: { sum: valueState(0) }, ${more}
  onEvent({ amount }, ctx) { const { state, timers, eventTimeMs } = ctx; ${body} },
  onTimer(timer, { state }) { state.sum.set(-1); return -1 },
})`,
  )
  if (!compiled) throw new Error(JSON.stringify(problems))
  return compiled
}
const adds = (name: string, more = '') => feature(name, 'state.sum.set(state.sum.get() + amount); return state.sum.get()', more)
const OVER = 'OVER (PARTITION BY card ORDER BY ts)'

async function viewOf(sql: string, ...code: CodeFeature[]): Promise<ViewDefinition> {
  const { checked, problems } = await parseView(sql, [stream], code)
  if (!checked) throw new Error(JSON.stringify(problems))
  return checked.definition
}
const event = (amount: number | null, seconds: number, card = 'a') => ({ value: { card, amount, ts: seconds * 1000 } })
const KEY = '["a"]'
const read = (run: TestRun, seconds: number) => run.pipeline.operatorOf(keyGroupOf(KEY)).read(KEY, seconds * 1000, keyGroupOf(KEY))
const values = (run: TestRun) => run.history.rows.toSorted((a, b) => a.offset - b.offset).map((row) => row.values)
const report = (run: TestRun) => run.operators.flatMap((operator) => operator.codeReport?.() ?? [])

/** With what a checkpoint of it holds. */
async function snapshotOf(run: TestRun, files: Map<string, Uint8Array>): Promise<void> {
  run.pipeline.inject({ id: 1, triggeredAtMs: 0 })
  await run.pipeline.drain()
  expect([...files.keys()]).toContain('keyed-0.bin')
}
function recorded(options: RunOptions): { run: TestRun; files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  const acknowledge: RunOptions['acknowledge'] = (_, snapshot) => {
    for (const { name, parts } of snapshot.files) files.set(name, Buffer.concat(parts))
  }
  return { run: new TestRun({ ...options, acknowledge }), files }
}

describe('a throw', () => {
  test('costs the event: the value and the state stay, the event is a dead letter, other features go on', async () => {
    const bad = feature(
      'bad',
      "state.sum.set(state.sum.get() + amount); timers.set('t', eventTimeMs + 1); if (amount > 5) throw new Error('too much'); return state.sum.get()",
    )
    const definition = await viewOf(`SELECT bad(amount) ${OVER} AS x, adds(amount) ${OVER} AS y, x + y AS z FROM pay`, bad, adds('adds'))
    const run = new TestRun({ definition, stream, outOfOrdernessMs: 3_600_000 }).open()
    await run.feed([event(1, 1), event(9, 1), event(null, 1), event(2, 1)])
    expect(values(run)).toEqual([
      [1, 1, 2],
      [1, 10, 11],
      [1, 10, 11],
      [3, 12, 15],
    ])
    expect(run.pipeline.sink.deadLetters).toEqual([
      { partition: 0, offset: 1, code: 'code_feature:bad', message: 'bad: too much (line 3)', raw: '{"key":["a"],"event":{"amount":9}}' },
    ])
    expect(report(run)).toMatchObject([
      { name: 'bad', calls: 3, throws: 1, disabled: null, lastError: 'too much (line 3)' },
      { name: 'adds', calls: 3, throws: 0, lastError: null },
    ])
  })

  test('of another output than declared is one too; what no number can be is NULL and counted', async () => {
    const odd = feature(
      'odd',
      "return amount === 1 ? 1.5 : amount === 2 ? 'two' : amount === 3 ? Infinity : amount === 4 ? 2 ** 60 : amount",
    )
    const run = new TestRun({ definition: await viewOf(`SELECT odd(amount) ${OVER} AS x FROM pay`, odd), stream }).open()
    await run.feed([5, 1, 2, 3, 4, 6].map((amount, i) => event(amount, i)))
    expect(values(run)).toEqual([[5], [5], [5], [null], [null], [6]])
    expect(run.pipeline.sink.deadLetters.map(({ message }) => message)).toEqual([
      'odd: it answered 1.5, and its output is int',
      'odd: it answered two, and its output is int',
    ])
    expect(run.evaluators[0]!.counters).toMatchObject({ notFinite: 1, overflow: 1 })
  })

  test('too often disables the feature, everywhere and after a restore; a person lets it run again', async () => {
    const bad = feature('bad', "if (amount > 0) throw new Error('never'); return 1")
    const definition = await viewOf(`SELECT bad(amount) ${OVER} AS x, adds(amount) ${OVER} AS y FROM pay`, bad, adds('adds'))
    const { run, files } = recorded({ definition, stream, parallelism: 2 })
    run.open()
    await run.feed([event(0, 1, 'quiet'), event(0, 1), ...Array.from({ length: 110 }, (_, i) => event(1, 2 + i))])
    expect(
      report(run)
        .filter(({ name }) => name === 'bad')
        .map(({ disabled }) => disabled)
        .sort(),
    ).toEqual(['more than half of its calls threw', null])
    expect(values(run).at(-1)).toEqual([null, 110])
    expect(read(run, 1000).values).toEqual([null, 110])
    await snapshotOf(run, files)
    expect(JSON.parse(Buffer.from(files.get('sink-0.json')!).toString()).deadLetters).toHaveLength(run.pipeline.sink.deadLetters.length)

    for (const forgiveCode of [false, true]) {
      const later = new TestRun({ definition, stream, parallelism: 3, forgiveCode })
      const state = restoreFiles(files, 'memory', later.operators)
      expect(state.deadLetters).toHaveLength(run.pipeline.sink.deadLetters.length)
      later.source.open(state, 0)
      later.continueAt(0, state.positions['0']!)
      await later.feed([event(0, 500), event(0, 500, 'quiet')])
      expect(values(later)).toEqual(
        forgiveCode
          ? [
              [1, 110],
              [1, 0],
            ]
          : [
              [null, 110],
              [null, 0],
            ],
      )
      const bads = report(later).filter(({ name }) => name === 'bad')
      expect(bads.map(({ disabled }) => disabled !== null)).toEqual(Array(3).fill(!forgiveCode))
      // counts are carried by one subtask each
      expect(bads.reduce((sum, { throws }) => sum + throws, 0)).toBe(report(run).reduce((sum, { throws }) => sum + throws, 0))
    }
  })
})

describe('time', () => {
  test('semantics 5: a timer comes after everything of its moment, and before what is later; in arrival order a late event finds it fired', async () => {
    const sets = feature(
      'sets',
      "if (amount === 1) timers.set('t', eventTimeMs + 10_000); state.sum.set(state.sum.get() + amount); return state.sum.get()",
    )
    const definition = await viewOf(`SELECT sets(amount) ${OVER} AS x FROM pay`, sets)
    const run = new TestRun({ definition, stream, outOfOrdernessMs: 5000, allowedLatenessMs: 60_000 }).open()
    await run.feed([event(1, 0), event(5, 10), event(5, 11), event(7, 9)])
    expect(values(run)).toEqual([[1], [6], [4], [11]])
    expect(run.online.byKey.get(KEY)).toMatchObject({ values: [11], version: [11_000, 5, expect.any(Number)] })
    expect(read(run, 10).values).toEqual([null]) // an instant before its latest event is not known
    expect(read(run, 11).values).toEqual([11])
    expect(read(run, 11).status).toBe('PRESENT')
  })

  test('semantics 5: the watermark fires what no event of the key fires, and the stored row says so with a higher version', async () => {
    const sets = feature('sets', "timers.set('t', eventTimeMs + 10_000); return amount")
    for (const order of ['arrival', 'event_time'] as const) {
      const run = new TestRun({ definition: await viewOf(`SELECT sets(amount) ${OVER} AS x FROM pay`, sets), stream, order }).open()
      await run.feed([event(4, 0), event(4, 10, 'b'), event(4, 11, 'b')])
      expect(run.online.byKey.get(KEY)?.values).toEqual([-1])
      expect(run.online.byKey.get(KEY)?.version.slice(0, 2)).toEqual([0, 2])
      expect(values(run).filter(([value]) => value === -1)).toEqual([]) // the history has events, no timers
    }
  })

  test('semantics 13: a ttl runs by event time from the key’s newest event, at reads and on the sweep, and a restore does not begin it again', async () => {
    const definition = await viewOf(`SELECT adds(amount) ${OVER} AS x FROM pay`, adds('adds', "ttl: '60 seconds',"))
    const { run, files } = recorded({ definition, stream, allowedLatenessMs: 3_600_000 })
    run.open()
    await run.feed([event(1, 0), event(2, 60)])
    expect(values(run)).toEqual([[1], [3]])
    expect([read(run, 120).values, read(run, 120.001).values]).toEqual([[3], [null]])
    await run.feed([event(1, 100, 'b')])
    await snapshotOf(run, files)
    const later = new TestRun({ definition, stream, allowedLatenessMs: 3_600_000 })
    const state = restoreFiles(files, 'memory', later.operators)
    later.source.open(state, 0)
    later.continueAt(0, state.positions['0']!)
    await later.feed([event(1, 121, 'b')])
    expect(later.online.byKey.get(KEY)?.values).toEqual([null])
    await later.feed([event(8, 122)])
    expect(values(later).at(-1)).toEqual([8])
  })
})

describe('a new version', () => {
  test('semantics 11: goes on with the state of the calls it kept; a changed source begins empty and has to be built', async () => {
    const [one, two] = [adds('one'), adds('two')]
    const edited = feature('two', 'return 1000 + amount')
    const kept = planView(await viewOf(`SELECT one(amount) ${OVER} AS a, two(amount) ${OVER} AS b FROM pay`, one, two), stream)
    const same = planView(await viewOf(`SELECT two(amount) ${OVER} AS b, one(amount) ${OVER} AS c FROM pay`, one, two), stream)
    const changed = planView(await viewOf(`SELECT one(amount) ${OVER} AS a, two(amount) ${OVER} AS b FROM pay`, one, edited), stream)
    expect(stateChange(kept, same).isCovered).toBe(true)
    expect(stateChange(kept, changed).isCovered).toBe(false)
  })

  test('a group out of two snapshots takes each call’s state from the first section that has it', async () => {
    const [one, two] = [adds('one'), adds('two')]
    const run = async (code: CodeFeature, amount: number) => {
      const running = new TestRun({ definition: await viewOf(`SELECT ${code.name}(amount) ${OVER} AS x FROM pay`, code), stream }).open()
      await running.feed([event(amount, 1)])
      return running.operators[0]!.snapshotKeyGroup(keyGroupOf(KEY))!
    }
    const [first, second] = [await run(one, 5), await run(two, 7)]
    const again = await run(one, 100)
    expect(codeSections(first)).toHaveLength(1)
    expect(codeSections(rowBytes(first))).toEqual([])
    const { keys, waiting } = readAnyGroup(keyGroupOf(KEY), first)
    const joined = withCode(encodeGroup(keys, waiting), [first, second, again].flatMap(codeSections))
    const definition = await viewOf(`SELECT one(amount) ${OVER} AS a, two(amount) ${OVER} AS b FROM pay`, one, two)
    const both = new TestRun({ definition, stream }).open()
    both.operators[0]!.restoreKeyGroup(keyGroupOf(KEY), joined)
    expect(read(both, 1).values).toEqual([5, 7])
  })
})
