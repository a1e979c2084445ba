/** All verbs there are, found by walking the tree: each in the permission table, each refused below its role before anything else happens, none beside `defineVerb`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EvenflowError } from '../contract/errors.ts'
import { Role } from '../contract/http-api.ts'
import { may, minimumRole } from './auth/permissions.ts'
import type { ConsoleContext } from './context.ts'
import type { Verb } from './define-verb.ts'
import { actor } from './testing/test-runtime.ts'

const root = import.meta.dirname
const rooms = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['auth', 'readers', 'testing'].includes(entry.name))
  .map(({ name }) => name)
const files = rooms.flatMap((room) =>
  readdirSync(join(root, room))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => `${room}/${file}`),
)

const isVerb = (value: unknown): value is Verb =>
  typeof value === 'object' && value !== null && 'run' in value && 'kind' in value && 'name' in value
const verbs = (
  await Promise.all(
    files.map(async (file) =>
      Object.values((await import(join(root, file))) as object)
        .filter(isVerb)
        .map((verb) => ({ file, verb })),
    ),
  )
).flat()

/** Nothing may be looked at before the role is. */
const untouchable = new Proxy(
  {},
  {
    get: () => {
      throw new Error('touched before it was authorised')
    },
  },
)
const contextFor = (role: Role): ConsoleContext =>
  ({ db: untouchable, engine: untouchable, now: () => new Date(), actor: actor(role) }) as unknown as ConsoleContext

describe('every verb', () => {
  it('is found', () => expect(verbs.length).toBeGreaterThan(18))

  it('has a permission, and every permission but those for reading and streaming has a verb', () => {
    const named = new Set<string>(verbs.map(({ verb }) => verb.name))
    const expected = Object.keys(minimumRole).filter(
      (name) => !name.startsWith('read.') && !['streams.append', 'tokens.others'].includes(name),
    )
    expect([...named].sort()).toEqual(expected.sort())
  })

  for (const { file, verb } of verbs)
    for (const role of Role.options)
      it(`${file}: ${role} ${may(role, verb.name) ? 'may' : 'may not'}`, async () => {
        const error = await verb.run(contextFor(role), 'no input at all').catch((caught: unknown) => caught)
        // whoever may comes as far as the input, which is refused: parsing is the second step
        expect((error as EvenflowError).code).toBe(may(role, verb.name) ? 'bad_request' : 'forbidden')
      })
})

describe('nobody goes around the order', () => {
  const everything = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const source = (file: string) => readFileSync(join(root, file), 'utf8')

  it('audit rows are written in one place', () => {
    expect(everything.filter((file) => /\baudit\s*\.create/.test(source(file)))).toEqual(['define-verb.ts'])
  })

  it('verbs write through the transaction; the few other writes are known, with the reason', () => {
    const direct = everything.filter((file) => /\b(ctx|runtime)\.db\s*\.\w+\s*\.(create|update|upsert|delete)/.test(source(file)))
    expect(direct.sort()).toEqual([
      'auth/demo-user.ts', // the demo user's own row, before there is anybody to audit
      'auth/identify.ts', // when a token was last used
      'guide-step.ts', // a tick on the start page
      'jobs/take-savepoint.ts', // the row of a savepoint that the engine never began
    ])
  })

  it('no reader writes', () => {
    const writes = everything.filter(
      (file) => file.startsWith('readers/') && /\.(create|createMany|update|updateMany|upsert|delete|deleteMany)\(/.test(source(file)),
    )
    expect(writes).toEqual([])
  })
})
