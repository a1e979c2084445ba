/** Features in TypeScript run inside the keyed subtasks' threads. */
import { afterEach, expect, test } from 'vitest'
import type { StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { compileSource } from '../../features/load/compile-source.ts'
import { CallWatch } from '../code/call-watch.ts'
import { runView, type TestEvent } from '../task/run-view.fixture.ts'
import { startKeyedThread } from './keyed-thread.ts'
import { ThreadedRun } from './threads.fixture.ts'

const stream: StreamSchema = {
  name: 'pay',
  eventTime: 'ts',
  fields: [
    { name: 'card', type: 'string' },
    { name: 'amount', type: 'int' },
    { name: 'ts', type: 'timestamp' },
  ],
}

const source = `import { defineFeature, valueState } from './evenflow.ts'
export default defineFeature({
  name: 'run',
  input: { amount: 'int' },
  output: 'int',
  state: { length: valueState(0) },
  onEvent({ amount }, { state, timers, eventTimeMs }) {
    if (amount === 99) for (;;) {}
    if (amount === 13) throw new Error('thirteen')
    timers.set('end', eventTimeMs + 2000)
    state.length.set(state.length.get() + amount)
    return state.length.get()
  },
  onTimer(_timer, { state }) {
    state.length.set(0)
    return 0
  },
})`

async function viewOfRun(): Promise<ViewDefinition> {
  const { feature, problems } = compileSource('run.ts', source)
  if (!feature) throw new Error(JSON.stringify(problems))
  const sql = `SELECT card, run(amount) AS r, COUNT(*) OVER w AS n
    FROM pay WINDOW w AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND CURRENT ROW)`
  const { checked, problems: refused } = await parseView(sql, [stream], [feature])
  if (!checked) throw new Error(JSON.stringify(refused))
  return checked.definition
}

const event = (i: number): TestEvent => ({ value: { card: `c${(i * 5) % 7}`, amount: i % 17, ts: i * 300 } })

let closing: { close(): Promise<void> } | null = null
afterEach(async () => {
  await closing?.close()
  closing = null
})

test('values, timers and throws are those of one thread; what was thrown comes to the dead letters, each subtask reports', async () => {
  const definition = await viewOfRun()
  const events = Array.from({ length: 600 }, (_, i) => event(i))
  const one = await runView({ definition, stream, order: 'event_time' }, events)
  const run = new ThreadedRun({ definition, stream, order: 'event_time', parallelism: 2 })
  closing = run.pipeline
  await run.open()
  await run.feed(events)
  await run.end()
  const byKey = (rows: typeof run.history.rows) => [...Map.groupBy(rows, ({ key }) => key)].sort()
  expect(byKey(run.history.rows)).toEqual(byKey(one.history.rows))
  const offsets = (letters: readonly { offset: number }[]) => letters.map(({ offset }) => offset).sort((a, b) => a - b)
  expect(offsets(run.pipeline.sink.deadLetters)).toEqual(offsets(one.pipeline.sink.deadLetters))
  expect(run.pipeline.sink.deadLetters.length).toBeGreaterThan(20)
  const reports = run.pipeline.keyed.map((subtask) => subtask.codeReport()[0]!)
  expect(reports.map(({ name }) => name)).toEqual(['run', 'run'])
  expect(reports.reduce((sum, { throws }) => sum + throws, 0)).toBe(run.pipeline.sink.deadLetters.length)
})

test('a call that does not come back is seen from outside the thread, with the event that it is stuck at', async () => {
  const watches = [new CallWatch(), new CallWatch()]
  const run = new ThreadedRun({
    definition: await viewOfRun(),
    stream,
    parallelism: 2,
    connect: (start, index, receive, lost) => startKeyedThread({ ...start, callMemory: watches[index]!.memory }, index, receive, lost),
  })
  closing = run.pipeline
  await run.open()
  run.put([event(1), { value: { card: 'a', amount: 99, ts: 5000 } }])
  const stuck = () => watches.map((watch) => watch.look()).find(({ call, offset }) => call > 0 && offset === 1)
  while (!stuck()) {
    run.pipeline.read(10, 0)
    await new Promise(setImmediate)
  }
  expect(stuck()).toMatchObject({ feature: 0, partition: 0, offset: 1 })
})
