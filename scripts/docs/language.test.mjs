/** docs/reference/language.md against definition/: nothing of the language is missing there, and what it shows and denies is so. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FUNCTION_NAMES } from '../../definition/functions.ts'
import { Hints } from '../../definition/model.ts'
import { whyNotPart } from '../../definition/not-part.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { CAST_TARGETS } from '../../definition/types.ts'
import { FeatureFolder } from '../../features/load/read-folder.ts'

const text = readFileSync(fileURLToPath(new URL('../../docs/reference/language.md', import.meta.url)), 'utf8')
const [language] = text.split('\n## Not yet\n')
const [taken, notPart] = language.split('\n## No part of the language\n')
const inCode = (part) => [...part.replace(/^```\w*$/gm, '').matchAll(/`([^`]+)`/g)].map((match) => match[1])
const words = (part) =>
  new Set(
    inCode(part)
      .flatMap((code) => code.match(/[A-Za-z_][A-Za-z_0-9]*/g) ?? [])
      .map((word) => word.toLowerCase()),
  )

const streams = [
  {
    name: 'flights',
    eventTime: 'event_time',
    fields: [
      { name: 'event_time', type: 'timestamp' },
      { name: 'origin', type: 'string' },
      { name: 'destination', type: 'string' },
      { name: 'delay', type: 'int' },
      { name: 'distance', type: 'int' },
    ],
  },
  {
    name: 'pay',
    eventTime: 'ts',
    fields: [
      { name: 'ts', type: 'timestamp' },
      { name: 'card', type: 'string' },
      { name: 'shop', type: 'string' },
      { name: 'amount', type: 'double', nullable: true },
      { name: 'i', type: 'int', nullable: true },
      { name: 't', type: 'timestamp', nullable: true },
    ],
  },
  {
    name: 'refunds',
    eventTime: 'at',
    fields: [
      { name: 'card_no', type: 'string' },
      { name: 'at', type: 'timestamp' },
      { name: 'cents', type: 'int' },
    ],
  },
]
const code = new FeatureFolder(fileURLToPath(new URL('../../features', import.meta.url))).features()
const over = "OVER (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"

describe('docs/reference/language.md', () => {
  it.each(FUNCTION_NAMES)('names the function %s', (name) => {
    expect(words(taken)).toContain(name)
  })

  it.each(Object.keys(Hints.shape))('names the hint %s', (key) => {
    expect(words(taken)).toContain(key.replace(/[A-Z]/g, (letter) => `_${letter}`).toLowerCase())
  })

  it.each(CAST_TARGETS)('names the type %s', (type) => {
    expect(inCode(taken)).toContain(type)
  })

  const examples = [...text.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map((match) => match[1])
  it.each(examples)('shows only what is taken: %s', async (sql) => {
    expect((await parseView(sql, streams, code)).problems).toEqual([])
  })

  const frames = [...taken.matchAll(/^\| `(RANGE [^`]+)` \|/gm)].map((match) => match[1])
  it.each(frames)('shows a frame that is taken: %s', async (frame) => {
    const sql = `SELECT COUNT(*) OVER (PARTITION BY card ORDER BY ts ${frame}) AS n FROM pay`
    expect((await parseView(sql, streams, code)).problems).toEqual([])
  })

  const expressions = [
    ...taken
      .split('## Expressions')[1]
      .split('NULL is as in SQL')[0]
      .matchAll(/^\| .+? \| (.+?) \| .+? \|$/gm),
  ]
    .slice(1)
    .flatMap((match) => inCode(match[1].replaceAll('\\|', '|')))
  it('finds the examples that it checks', () => {
    expect(examples.length).toBeGreaterThanOrEqual(3)
    expect(frames.length).toBeGreaterThanOrEqual(5)
    expect(expressions.length).toBeGreaterThanOrEqual(15)
  })
  it.each(expressions)('shows an expression that is taken: %s', async (expression) => {
    const sql = `SELECT COUNT(*) ${over} AS n, ${expression} AS value FROM pay`
    expect((await parseView(sql, streams, code)).problems).toEqual([])
  })

  it.each([...words(notPart)].filter((name) => name !== 'current_timestamp'))('says rightly that %s is no part of it', async (name) => {
    expect(whyNotPart(name)).toBeDefined()
    expect(words(taken)).not.toContain(name)
    const { problems } = await parseView(`SELECT ${name}(amount) ${over} AS n FROM pay`, streams)
    expect(problems.map(({ code, hint }) => ({ code, hint }))).toEqual([{ code: 'unknown_function', hint: whyNotPart(name) }])
  })
})
