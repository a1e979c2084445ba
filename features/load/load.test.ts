/** What a feature file may say, and what it finds at run time: a scan of its text, and a scope in which the outside is not there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compileSource } from './compile-source.ts'
import { loadFeature } from './load-feature.ts'
import { maskCode } from './mask.ts'
import { FeatureFolder } from './read-folder.ts'
import { evaluateSource } from './sandbox.ts'

const file = (body: string, top = '') => `import { defineFeature, valueState } from './evenflow.ts'
${top}
export default defineFeature({
  name: 'probe', input: { x: 'int' }, output: 'double', state: { n: valueState(0) },
  onEvent({ x }, ctx) { ${body} },
})`
const problemsOf = (text: string) => compileSource('probe.ts', text).problems

describe('the scan', () => {
  test.each([
    ['return Date.now()', /Date\.now.*ctx\.eventTimeMs/],
    ['return new Date().getTime()', /new Date.*ctx\.eventTimeMs/],
    ['return new Date', /new Date/],
    ['return Date()', /Date.*ctx\.eventTimeMs/],
    ['return Math.random()', /Math\.random.*ctx\.random/],
    ["return Math['random']()", /Math/],
    ['setTimeout(() => 1, 1)', /setTimeout.*ctx\.timers/],
    ['return performance.now()', /performance/],
    ["fetch('http://x')", /fetch.*no way outside/],
    ['return process.uptime()', /process/],
    ['return globalThis.x', /globalThis/],
    ["return eval('1')", /eval/],
    ["return new Function('return 1')()", /Function/],
    ["return ctx.constructor.constructor('return 1')()", /constructor/],
    ["return 'x'.localeCompare('y')", /localeCompare.*language/],
    ["console.log('x')", /console.*ctx\.log/],
    ['return Promise.resolve(1)', /Promise.*at once/],
    ["import('node:fs')", /import/],
  ])('refuses %s', (body, wanted) => {
    const problems = problemsOf(file(body))
    expect(problems[0]?.message).toMatch(wanted)
    expect(problems[0]?.line).toBe(5)
  })

  test.each([
    ['let count = 0', /let count.*state/],
    ['const seen = new Map<string, number>()', /new Map.*state/],
    ["import { readFileSync } from 'node:fs'", /imports from '\.\/evenflow\.ts' and nothing else: `node:fs`/],
    ['export const helper = 1', /exports one thing/],
  ])('refuses %s at the top of a file', (top, wanted) => {
    expect(problemsOf(file('return x', top))[0]?.message).toMatch(wanted)
  })

  test('takes the same words in comments, texts, patterns, names of members and functions', () => {
    const top =
      '// Date.now() and let x\nconst words = [\'Math.random()\', "process"], pattern = /new Date()/, told = `fetch $' +
      "{'eval'.length}`\nfunction one() { let n = 0; const m = new Map(); n += m.size; return n }"
    const body =
      'const info = { process: 1, fetch: 2 }; return info.process + info.fetch + one() + words.length + told.length + pattern.source.length + new Date(0).getUTCHours() + Date.UTC(1970, 0)'
    expect(problemsOf(file(body, top))).toEqual([])
  })

  test('masks what is no code and keeps every character in its place', () => {
    const source = "a = 'x/*' + `t$" + "{b + '}'}u` /* c */ / 2 // d\nreturn /[/']/.test(e)"
    const masked = maskCode(source)
    expect(masked).toHaveLength(source.length)
    expect(masked.replace(/\s+/g, ' ')).toBe("a = ' ' + ` $" + "{b + ' '} ` / 2 return / /.test(e)")
  })
})

describe('the scope', () => {
  const value = (expression: string) => evaluateSource(`exports.default = ${expression}`, 'probe.ts')
  test.each([
    'Date.now()',
    'new Date()',
    'Date()',
    "new Date('2020-01-01 00:00')",
    'new Date(2020, 0)',
    "Date.parse('2020')",
    'Math.random()',
  ])('%s throws and says what to use', (expression) => {
    expect(() => value(expression)).toThrow(/is not for features/)
  })
  test.each([
    'process',
    'require',
    'fetch',
    'setTimeout',
    'setInterval',
    'queueMicrotask',
    'performance',
    'console',
    'Intl',
    'WebAssembly',
    'Atomics',
  ])('%s is not there', (name) => {
    expect(() => value(`globalThis['${name}']`)).toThrow(/is not for features/)
  })
  test('neither code from texts nor the local time zone', () => {
    expect(() => value("[].constructor.constructor('return 1')()")).toThrow(/disallowed/)
    expect(value('typeof new Date(0).getHours')).toBe('undefined')
    expect(value("typeof 'x'.localeCompare")).toBe('undefined')
    expect(value('new Date(0).toISOString()')).toBe('1970-01-01T00:00:00.000Z')
  })
  test('a file that does not come to its end is given up', () => {
    expect(() => value('(() => { for (;;) {} })()')).toThrow(/timed out/)
  })
  test('two loads of one source share nothing', () => {
    const { feature } = compileSource('probe.ts', file('return x'))
    expect(loadFeature(feature!)).not.toBe(loadFeature(feature!))
    expect(loadFeature(feature!).onEvent).not.toBe(loadFeature(feature!).onEvent)
  })
})

describe('a file', () => {
  test('says itself what it is; types are taken off and lines stay', () => {
    const { feature } = compileSource('probe.ts', file("if (x > (1 as number)) throw new Error('line 5')\n return null"))
    expect(feature).toMatchObject({
      name: 'probe',
      inputs: [{ name: 'x', type: 'int', nullable: false }],
      output: 'double',
      parameters: [],
      ttlMs: null,
    })
    expect(feature?.source.split('\n')[4]).toContain("throw new Error('line 5')")
  })
  test.each([
    ['export default 1', /no feature/],
    ["export default { name: 'sum', input: {}, output: 'int', state: {}, onEvent() {} }", /function of the language/],
    ["export default { name: 'limit', input: {}, output: 'int', state: {}, onEvent() {} }", /no word of SQL/],
    ["export default { name: 'a', input: { x: 'number' }, output: 'int', state: {}, onEvent() {} }", /number is no type/],
    [
      "export default { name: 'a', input: {}, output: 'int', parameters: { p: { type: 'int', default: 1.5 } }, state: {}, onEvent() {} }",
      /no int/,
    ],
    ["export default { name: 'a', input: {}, output: 'int', state: { s: 1 }, onEvent() {} }", /valueState/],
    ["export default { name: 'a', input: {}, output: 'int', state: {}, ttl: 'soon', onEvent() {} }", /duration/],
    ["export default { name: 'a', input: {}, output: 'int', state: {} }", /onEvent/],
    ['export default (', /./],
    ['enum E { A }\nexport default 1', /enum/],
  ])('%s is refused with a reason', (text, wanted) => {
    expect(
      problemsOf(text)
        .map(({ message }) => message)
        .join('\n'),
    ).toMatch(wanted)
  })
})

describe('the folder', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-features-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('is looked at anew: new, changed, broken and doubled files', () => {
    const folder = new FeatureFolder(directory)
    expect(folder.list()).toEqual([])
    const path = join(directory, 'probe.ts')
    writeFileSync(path, file('return x'))
    const [first] = folder.features()
    expect(first?.name).toBe('probe')
    writeFileSync(path, file('return x + 1'))
    utimesSync(path, new Date(), new Date(Date.now() + 5000))
    const [second] = folder.features()
    expect(second?.hash).not.toBe(first?.hash)
    writeFileSync(join(directory, 'twin.ts'), file('return x'))
    expect(folder.list().map(({ file: name, problems }) => [name, problems[0]?.message])).toEqual([
      ['probe.ts', undefined],
      ['twin.ts', 'probe.ts has a feature probe already'],
    ])
    writeFileSync(join(directory, 'twin.ts'), 'export default (')
    expect(folder.features()).toHaveLength(1)
    expect(new FeatureFolder(join(directory, 'nowhere')).list()).toEqual([])
  })

  test('ours has no problem', () => {
    const ours = join(import.meta.dirname, '..')
    const files = readdirSync(ours).filter((name) => name.endsWith('.ts') && !/test|evenflow/.test(name))
    const list = new FeatureFolder(ours).list()
    expect(list.map(({ file: name }) => name)).toEqual(files.sort())
    expect(list.flatMap(({ problems }) => problems)).toEqual([])
    expect(readFileSync(join(ours, files[0]!), 'utf8')).toContain('defineFeature')
  })
})
