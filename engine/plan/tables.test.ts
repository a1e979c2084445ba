import { expect, test } from 'vitest'
import type { Expr, RangeWindow, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { planView } from './plan.ts'
import { tablesOf } from './tables.ts'

const stream: StreamSchema = {
  name: 'flights',
  eventTime: 'at',
  fields: [
    { name: 'origin', type: 'string' },
    { name: 'at', type: 'timestamp' },
    { name: 'delay', type: 'int' },
  ],
}
const delay: Expr = { kind: 'field', name: 'delay' }
const late: Expr = { kind: 'binary', op: '>', left: delay, right: { kind: 'literal', type: 'int', value: 15 } }
const hours = (n: number): ViewDefinition['windows'][number] => ({
  name: `w${n}`,
  mode: 'range',
  start: { kind: 'preceding', interval: { months: 0, days: 0, ms: n * 3_600_000 } },
  end: { kind: 'current' },
})
const view = (...windows: number[]): ViewDefinition => ({
  stream: 'flights',
  key: ['origin'],
  windows: windows.map(hours),
  features: windows.flatMap((n) => [
    { name: `avg_${n}h`, expr: { kind: 'aggregate', fn: 'avg', args: [delay], window: `w${n}` } },
    { name: `late_${n}h`, expr: { kind: 'aggregate', fn: 'count', args: [], star: true, filter: late, window: `w${n}` } },
    {
      name: `share_${n}h`,
      expr: { kind: 'binary', op: '/', left: { kind: 'feature', name: `late_${n}h` }, right: { kind: 'feature', name: `avg_${n}h` } },
    },
  ]),
  hints: {},
})

test('a shorter variant of a window reads the table that is there: same columns, same reach, more readers', () => {
  const before = tablesOf(planView(view(3), stream), 'compiled')
  const after = tablesOf(planView(view(3, 1), stream), 'compiled')
  expect(before).toEqual([
    {
      name: 'rows',
      granularity: 'row',
      columns: [
        { expr: 'delay', readers: ['avg_3h', 'share_3h'] },
        { expr: 'delay > 15', readers: ['late_3h', 'share_3h'] },
      ],
      reachMs: 3 * 3_600_000,
      newestRows: 0,
      readers: ['avg_3h', 'late_3h', 'share_3h'],
    },
  ])
  expect(after).toHaveLength(1)
  expect(after[0]!.columns.map(({ expr }) => expr)).toEqual(before[0]!.columns.map(({ expr }) => expr))
  expect(after[0]!.reachMs).toBe(before[0]!.reachMs)
  expect(after[0]!.readers).toEqual(['avg_3h', 'late_3h', 'share_3h', 'avg_1h', 'late_1h', 'share_1h'])
})

test('a longer one makes it reach further', () => {
  expect(tablesOf(planView(view(3, 24), stream), 'compiled')[0]!.reachMs).toBe(24 * 3_600_000)
})

test('windows over panes of one width share one table of panes; the plain road keeps the rows of them', () => {
  const paned = (...windows: number[]) => {
    const definition = view(...windows)
    const hour = { months: 0, days: 0, ms: 3_600_000 }
    return planView(
      { ...definition, windows: definition.windows.map((window) => ({ ...(window as RangeWindow), precision: hour })) },
      stream,
    )
  }
  const before = tablesOf(paned(3), 'compiled')
  const after = tablesOf(paned(3, 1), 'compiled')
  expect(before.map(({ name, granularity, reachMs }) => ({ name, granularity, reachMs }))).toEqual([
    { name: 'panes', granularity: '1 hour', reachMs: 3 * 3_600_000 },
  ])
  expect(after.map(({ name, reachMs }) => ({ name, reachMs }))).toEqual([{ name: 'panes', reachMs: 3 * 3_600_000 }])
  expect(after[0]!.columns.map(({ expr }) => expr)).toEqual(before[0]!.columns.map(({ expr }) => expr))
  expect(after[0]!.readers).toEqual(['avg_3h', 'late_3h', 'share_3h', 'avg_1h', 'late_1h', 'share_1h'])
  expect(tablesOf(paned(3), 'plain')[0]!.name).toBe('rows')
})

test('windows that count rows keep so many of the newest, whatever their age', () => {
  const [last] = view(3).windows
  const counting = (windows: ViewDefinition['windows']) => tablesOf(planView({ ...view(3), windows }, stream), 'plain')[0]!
  const rows = { name: 'w3', mode: 'rows', start: { kind: 'rows', count: 9 }, end: { kind: 'current' } } as const
  expect(counting([rows])).toMatchObject({ reachMs: 0, newestRows: 10 })
  expect(counting([{ ...last!, maxRows: 5 }])).toMatchObject({ reachMs: 0, newestRows: 5 })
  expect(counting([last!, { ...rows, name: 'r' }])).toMatchObject({ reachMs: 3 * 3_600_000, newestRows: 10 })
})

test('a view with GROUP BY keeps rows for as long as its window, whatever its kind', () => {
  const ms = (length: number) => ({ months: 0, days: 0, ms: length })
  const reach = (group: NonNullable<ViewDefinition['group']>) => {
    const expr: Expr = { kind: 'aggregate', fn: 'avg', args: [delay], window: '' }
    const [table] = tablesOf(planView({ ...view(1), windows: [], group, features: [{ name: 'mean', expr }] }, stream), 'plain')
    expect(table).toMatchObject({ name: 'rows', columns: [{ expr: 'delay', readers: ['mean'] }], newestRows: 0, readers: ['mean'] })
    return table!.reachMs
  }
  expect(reach({ kind: 'tumble', size: ms(60_000) })).toBe(60_000)
  expect(reach({ kind: 'tumble', size: { months: 2, days: 0, ms: 0 } })).toBe(62 * 86_400_000)
  expect(reach({ kind: 'hop', slide: ms(1000), size: ms(60_000) })).toBe(60_000)
  expect(reach({ kind: 'session', gap: ms(5000) })).toBe(5000)
})
