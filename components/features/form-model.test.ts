import { describe, expect, it } from 'vitest'
import type { RangeWindow, ViewDefinition } from '../../definition/model.ts'
import { type FormModel, type Frame, formOf, freeName, parseFrame, sqlOf, windowPicture, withWindow } from './form-model.ts'

const definition: ViewDefinition = {
  stream: 'flights',
  key: ['origin'],
  windows: [
    {
      name: 'w3h',
      mode: 'range',
      start: { kind: 'preceding', interval: { months: 0, days: 0, ms: 10_800_000 } },
      end: { kind: 'current' },
    },
  ],
  hints: { order: 'event_time' },
  features: [
    {
      name: 'n',
      expr: {
        kind: 'aggregate',
        fn: 'count',
        args: [],
        star: true,
        window: 'w3h',
        filter: { kind: 'binary', op: '>', left: { kind: 'field', name: 'delay' }, right: { kind: 'literal', type: 'int', value: 15 } },
      },
    },
    { name: 'd', expr: { kind: 'aggregate', fn: 'count', args: [{ kind: 'field', name: 'destination' }], distinct: true, window: 'w3h' } },
    {
      name: 'half',
      expr: { kind: 'binary', op: '/', left: { kind: 'feature', name: 'n' }, right: { kind: 'literal', type: 'int', value: 2 } },
    },
  ],
}

describe('form and definition', () => {
  const form = formOf(definition)
  it('reads a definition into rows', () => {
    expect(form.rows.map(({ id, ...row }) => row)).toEqual([
      { name: 'n', operator: 'count', value: '', filter: 'delay > 15', window: 'w3h' },
      { name: 'd', operator: 'count_distinct', value: 'destination', filter: '', window: 'w3h' },
      { name: 'half', operator: 'formula', value: 'n / 2', filter: '', window: 'w3h' },
    ])
  })
  it('finds the operator of each form of an aggregate, and writes it back', () => {
    const x = { kind: 'field', name: 'delay' } as const
    const k = { kind: 'literal', type: 'int', value: 3 } as const
    const forms = [
      { fn: 'list', args: [x], operator: 'list', sql: 'LIST(delay)' },
      { fn: 'list', args: [x], distinct: true, operator: 'list_distinct', sql: 'LIST(DISTINCT delay)' },
      { fn: 'max', args: [x], operator: 'max', sql: 'MAX(delay)' },
      { fn: 'max', args: [x, k], operator: 'max_k', sql: 'MAX(delay, 3)' },
      { fn: 'arg_max', args: [x, x, k], operator: 'arg_max_k', sql: 'ARG_MAX(delay, delay, 3)' },
      { fn: 'sum', args: [x], distinct: true, operator: 'sum_distinct', sql: 'SUM(DISTINCT delay)' },
      { fn: 'approx_count_distinct', args: [x], operator: 'approx_count_distinct', sql: 'APPROX_COUNT_DISTINCT(delay)' },
      { fn: 'median', args: [x], distinct: true, operator: 'formula', sql: 'MEDIAN(DISTINCT delay)' },
      { fn: 'max', args: [x, k], distinct: true, operator: 'formula', sql: 'MAX(DISTINCT delay, 3)' },
    ] as const
    const features = forms.map(({ operator, sql, ...expr }, at) => ({
      name: `f${at}`,
      expr: { kind: 'aggregate', window: 'w3h', ...expr },
    }))
    const read = formOf({ ...definition, features: features as unknown as ViewDefinition['features'] })
    expect(read.rows.map((row) => row.operator)).toEqual(forms.map(({ operator }) => operator))
    const { sql } = sqlOf(read, 'date')
    for (const [at, form] of forms.entries()) expect(sql).toContain(`${form.sql} OVER w3h AS f${at}`)
  })
  it('writes SQL and knows which line is which row', () => {
    const { sql, placeByLine } = sqlOf(form, 'date')
    const lines = sql.split('\n')
    for (const row of form.rows) {
      const line = lines.findIndex((text) => text.includes(`AS ${row.name}`)) + 1
      expect(placeByLine.get(line)).toEqual({ part: 'row', id: row.id })
    }
    expect(sql).toContain('COUNT(*) FILTER (WHERE delay > 15) OVER w3h AS n')
    expect(sql).toContain("w3h AS (PARTITION BY origin ORDER BY date RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW)")
    expect(sql).toContain("/*+ ORDER('event_time') */")
  })
  it('keeps what hints say of a window', () => {
    const [window] = definition.windows
    const precise = { ...definition, windows: [{ ...window, precision: { months: 0, days: 0, ms: 60_000 } } as RangeWindow] }
    expect(sqlOf(formOf(precise)).sql).toContain("/*+ ORDER('event_time') PRECISION(w3h, '1 minute') */")
  })
  it('a line break in a field does not shift the rows below it', () => {
    const broken: FormModel = { ...form, rows: form.rows.map((row, at) => (at === 0 ? { ...row, filter: 'delay\n > 15' } : row)) }
    expect([...sqlOf(broken).placeByLine.values()]).toEqual([...sqlOf(form).placeByLine.values()])
  })
  it('rows keep their ids by name', () => {
    expect(formOf(definition, form).rows.map((row) => row.id)).toEqual(form.rows.map((row) => row.id))
  })
  it('leaves out windows that no row uses', () => {
    const more = withWindow(form.windows, parseFrame('7 days', ''))
    expect(sqlOf({ ...form, windows: more.windows }).sql).not.toContain(more.name)
  })
})

describe('windows', () => {
  it('reuses an equal window, names a new one', () => {
    const { windows } = formOf(definition)
    expect(withWindow(windows, parseFrame('3 hours', 'now')).name).toBe('w3h')
    expect(withWindow(windows, parseFrame('7 days', '')).name).toBe('w7d')
    expect(withWindow(windows, parseFrame('1 day', '30 minutes')).name).toBe('w1d_30m')
    expect(withWindow(windows, parseFrame('all', '')).name).toBe('w_all')
    expect(() => parseFrame('three', '')).toThrow()
  })
  it('names windows by what they hold', () => {
    const named = (frame: Frame) => withWindow([], frame).name
    const hour = parseFrame('1 hour', '')
    expect(named({ ...hour, exclude: 'current_row', maxRows: 5 })).toBe('w1h_no_current_max5')
    expect(named({ ...hour, precision: { months: 0, days: 0, ms: 60_000 } })).toBe('w1h_by_1m')
    expect(named({ mode: 'rows', start: { kind: 'rows', count: 9 }, end: { kind: 'current' }, exclude: 'ties' })).toBe('rows10_no_ties')
    expect(withWindow([{ name: 'w', ...hour }], { ...hour, maxRows: 5 }).name).toBe('w1h_max5')
  })
  it('draws a longer window further to the left, and one that ends before now short of the edge', () => {
    const [short, long, offset] = [parseFrame('3 hours', ''), parseFrame('7 days', ''), parseFrame('7 days', '1 hour')]
    const all = [short, long, offset]
    expect(windowPicture(long, all).left).toBeLessThan(windowPicture(short, all).left)
    expect(windowPicture(short, all).right).toBe(0)
    expect(windowPicture(offset, all).right).toBeGreaterThan(0)
    expect(windowPicture(parseFrame('all', ''), all).left).toBe(0)
  })
  it('finds a free name', () => expect(freeName(formOf(definition).rows, 'n')).toBe('n_2'))
})
