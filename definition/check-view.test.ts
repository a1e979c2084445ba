import { beforeAll, describe, expect, test } from 'vitest'
import { checkDefinition } from './check-view.ts'
import type { Expr, ViewDefinition, Window } from './model.ts'
import { loadParser, parseViewSync } from './parse-sql.ts'
import { printView } from './print-sql.ts'
import { FLIGHTS } from './testing/streams.ts'

beforeAll(loadParser)

const SOUND: ViewDefinition = {
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
  features: [
    { name: 'departures', expr: { kind: 'aggregate', fn: 'count', args: [], star: true, window: 'w3h' } },
    { name: 'delay_avg', expr: { kind: 'aggregate', fn: 'avg', args: [{ kind: 'field', name: 'delay' }], window: 'w3h' } },
  ],
  hints: {},
}
const literal = (value: number): Expr => ({ kind: 'literal', type: 'int', value })
const withFeature = (expr: Expr, name = 'x'): ViewDefinition => ({ ...SOUND, features: [...SOUND.features, { name, expr }] })
const problemsOf = (definition: ViewDefinition) =>
  checkDefinition(definition, [FLIGHTS]).problems.map(({ path, code }) => `${path} ${code}`)

describe('a definition from the form: the same checks, with the path of what is wrong', () => {
  test('a sound one is checked', () => {
    expect(checkDefinition(SOUND, [FLIGHTS]).checked?.featureTypes).toMatchObject([
      { name: 'departures', type: 'int' },
      { name: 'delay_avg', type: 'double' },
    ])
  })

  test.each<[string, ViewDefinition, string[]]>([
    ['unknown stream', { ...SOUND, stream: 'flihgts' }, ['stream unknown_stream']],
    ['unknown key', { ...SOUND, key: ['origin', 'orign'] }, ['key.1 unknown_field']],
    ['key twice', { ...SOUND, key: ['origin', 'origin'] }, ['key.1 duplicate_alias']],
    ['no key', { ...SOUND, key: [] }, ['key no_key']],
    ['no window', { ...SOUND, windows: [] }, ['windows no_window']],
    ['no feature', { ...SOUND, features: [] }, ['features no_features']],
    ['a name with a space', withFeature(literal(1), 'a b'), ['features.2.name bad_name']],
    ['name of a field', withFeature(literal(1), 'Delay'), ['features.2.name alias_is_field']],
    ['same name twice', withFeature(literal(1), 'DEPARTURES'), ['features.2.name duplicate_alias']],
    ['unknown field', withFeature({ kind: 'field', name: 'dely' }), ['features.2.expr unknown_field']],
    [
      'forward reference',
      { ...SOUND, features: [{ name: 'x', expr: { kind: 'feature', name: 'departures' } }, ...SOUND.features] },
      ['features.0.expr forward_reference'],
    ],
    ['unknown column', withFeature({ kind: 'feature', name: 'departuers' }), ['features.2.expr unknown_field']],
    [
      'unknown window',
      withFeature({ kind: 'aggregate', fn: 'count', args: [], star: true, window: 'w9h' }),
      ['features.2.expr unknown_window'],
    ],
    ['no argument', withFeature({ kind: 'aggregate', fn: 'sum', args: [], window: 'w3h' }), ['features.2.expr wrong_arguments']],
    [
      'type mismatch deep inside',
      withFeature({ kind: 'binary', op: '+', left: literal(1), right: { kind: 'unary', op: 'not', arg: literal(2) } }),
      ['features.2.expr type_mismatch', 'features.2.expr type_mismatch'],
    ],
    ['a fraction that claims to be an int', withFeature(literal(1.5)), ['features.2.expr number_out_of_range']],
    ['a constant of another type', withFeature({ kind: 'literal', type: 'boolean', value: 1 }), ['features.2.expr bad_definition']],
    ['NUL in a text', withFeature({ kind: 'literal', type: 'string', value: 'a\0b' }), ['features.2.expr bad_character']],
    [
      'a decimal that does not exist',
      withFeature({ kind: 'cast', arg: literal(1), type: 'decimal(20,2)' }),
      ['features.2.expr unknown_type'],
    ],
    ['WHERE is no condition', { ...SOUND, where: { kind: 'field', name: 'delay' } }, ['where type_mismatch']],
    [
      'swapped ends',
      {
        ...SOUND,
        windows: [
          { name: 'w3h', mode: 'range', start: { kind: 'current' }, end: { kind: 'preceding', interval: { months: 0, days: 1, ms: 0 } } },
        ],
      },
      ['windows.0.start swapped_frame'],
    ],
    [
      'negative bound',
      {
        ...SOUND,
        windows: [
          { name: 'w3h', mode: 'range', start: { kind: 'preceding', interval: { months: 0, days: -1, ms: 0 } }, end: { kind: 'current' } },
        ],
      },
      ['windows.0.start bad_interval'],
    ],
    [
      'unbounded end',
      { ...SOUND, windows: [{ name: 'w3h', mode: 'range', start: { kind: 'unbounded' }, end: { kind: 'unbounded' } }] },
      ['windows.0.end bad_frame'],
    ],
    [
      'panes of rows',
      {
        ...SOUND,
        windows: [
          {
            name: 'w3h',
            mode: 'rows',
            start: { kind: 'rows', count: 3 },
            end: { kind: 'current' },
            precision: { months: 0, days: 1, ms: 0 },
          } as unknown as Window,
        ],
      },
      ['windows.0.precision bad_definition'],
    ],
    [
      'a row cap of none',
      { ...SOUND, windows: SOUND.windows.map((window) => ({ ...window, maxRows: 0 })) },
      ['windows.0.maxRows bad_hint'],
    ],
    [
      'window twice',
      { ...SOUND, windows: [...SOUND.windows, ...SOUND.windows.map((window) => ({ ...window, name: 'W3H' }))] },
      ['windows.1.name duplicate_window'],
    ],
  ])('%s', (_what, definition, expected) => {
    expect(problemsOf(definition)).toEqual(expected)
  })

  test('the place is that in the canonical text', () => {
    const definition = withFeature({ kind: 'binary', op: '+', left: literal(1), right: { kind: 'field', name: 'dely' } })
    const [problem] = checkDefinition(definition, [FLIGHTS]).problems
    const line = printView(definition).split('\n')[(problem?.line ?? 0) - 1] ?? ''
    expect(line.slice((problem?.column ?? 0) - 1, (problem?.endColumn ?? 0) - 1)).toBe('dely')
  })

  test('anything else is no definition', () => {
    const broken = { ...SOUND, features: [{ name: 'x', expr: { kind: 'launch' } }] } as unknown as ViewDefinition
    expect(checkDefinition(broken, [FLIGHTS]).problems[0]?.code).toBe('bad_definition')
  })

  test('nor is one nested without end', () => {
    let expr: Expr = literal(1)
    for (let i = 0; i < 20_000; i++) expr = { kind: 'unary', op: '-', arg: expr }
    expect(checkDefinition(withFeature(expr), [FLIGHTS]).problems).toMatchObject([{ code: 'too_long' }])
    let sum: Expr = literal(1)
    for (let i = 0; i < 480; i++) sum = { kind: 'binary', op: '+', left: sum, right: literal(i) }
    expect(checkDefinition(withFeature(sum), [FLIGHTS]).problems).toEqual([])
  })

  test('a stream without a usable event time is refused', () => {
    expect(checkDefinition(SOUND, [{ ...FLIGHTS, eventTime: 'origin' }]).problems).toMatchObject([{ code: 'bad_stream', path: 'stream' }])
  })
})

describe('the normal form', () => {
  test('minus of a constant is a constant, and the check changes nothing of what it was given', () => {
    const definition = withFeature({ kind: 'unary', op: '-', arg: { kind: 'unary', op: '-', arg: literal(-5) } })
    const before = JSON.stringify(definition)
    expect(checkDefinition(definition, [FLIGHTS]).checked?.definition.features[2]?.expr).toEqual(literal(-5))
    expect(JSON.stringify(definition)).toBe(before)
  })

  test('a column that is only the field of its name stands without AS, and a reference to it is the field', () => {
    const definition = withFeature({ kind: 'field', name: 'delay' }, 'delay')
    definition.features.push({
      name: 'twice',
      expr: { kind: 'binary', op: '*', left: { kind: 'feature', name: 'delay' }, right: literal(2) },
    })
    const { checked } = checkDefinition(definition, [FLIGHTS])
    expect(checked?.featureTypes.at(-1)).toMatchObject({ type: 'int', note: 'latest-event' })
    expect(checked && parseViewSync(printView(checked.definition), [FLIGHTS]).checked?.definition).toEqual(checked?.definition)
  })
})
