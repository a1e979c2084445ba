/** What every idempotence gate must do, whichever the adapter: each adapter's test calls this with its own opener. */
import { expect, test } from 'vitest'
import { Fenced } from '../sink/port.ts'
import type { Gate } from './gate.ts'
import type { Fence } from './port.ts'

export function gateContract(name: string, make: () => () => Promise<Gate>): void {
  const [first, again, other]: Fence[] = [
    [1, 1],
    [1, 2],
    [2, 1],
  ]

  test(`${name}: an effect is given out until it is complete, then never again; another version of its key is another effect`, async () => {
    const gate = await make()()
    expect(await gate.claim('a', '1.1', first!)).toBe('perform')
    await gate.complete('a', '1.1', first!)
    expect(await gate.claim('a', '1.1', first!)).toBe('done')
    expect(await gate.claim('a', '1.1', other!)).toBe('done')
    expect(await gate.claim('a', '2.2', other!)).toBe('perform')
    expect(await gate.claim('b', '1.1', other!)).toBe('perform')
    await gate.close()
  })

  test(`${name}: semantics 20: a claim that was made and not completed before a crash is taken up again`, async () => {
    const open = make()
    const before = await open()
    await before.claim('a', '1.1', first!)
    await before.claim('b', '1.1', first!)
    await before.complete('b', '1.1', first!)
    await before.close()
    const after = await open()
    expect(await after.claim('a', '1.1', again!)).toBe('perform')
    expect(await after.claim('b', '1.1', again!)).toBe('done')
    await after.close()
  })

  test(`${name}: semantics 18: of two jobs the one that has taken over performs; the other can neither claim nor complete`, async () => {
    const gate = await make()()
    const performed: string[] = []
    const work = async (who: string, fence: Fence) => {
      for (let i = 0; i < 50; i++) {
        const granted = await gate.claim(`k${i}`, '1', fence)
        await new Promise(setImmediate)
        if (granted === 'done') continue
        performed.push(`${who} k${i}`)
        await gate.complete(`k${i}`, '1', fence)
      }
    }
    const old = work('old', first!)
    await new Promise(setImmediate)
    await Promise.all([work('new', other!), expect(old).rejects.toThrow(Fenced)])
    // One at most was in the old one's hands when the new one came.
    expect(new Set(performed.map((text) => text.split(' ')[1])).size).toBe(50)
    expect(performed.length).toBeLessThanOrEqual(51)
    await expect(gate.complete('k0', '1', first!)).rejects.toThrow(Fenced)
    await gate.close()
  })

  test(`${name}: done effects are forgotten, claims are not; keys may be long`, async () => {
    const gate = await make()()
    const long = 'k'.repeat(5000)
    for (const key of [long, `${long}!`]) expect(await gate.claim(key, '1', first!)).toBe('perform')
    await gate.complete(long, '1', first!)
    expect(await gate.claim(long, '1', first!)).toBe('done')
    await gate.forgetDone()
    expect(await gate.claim(long, '1', first!)).toBe('perform')
    expect(await gate.claim(`${long}!`, '1', again!)).toBe('perform')
    await expect(gate.claim('x', '1', first!)).rejects.toThrow(Fenced)
    await gate.close()
  })
}
