/** What every store of authority must do, whichever the adapter: each adapter's test calls this with its own opener. */
import { expect, test } from 'vitest'
import type { AuthorityStore } from './authority.ts'

/** `make`: a store as several processes see it, and a view that is there. */
export function authorityContract(name: string, make: () => Promise<{ stores: readonly AuthorityStore[]; viewId: string }>): void {
  test(`${name}: it moves from job to job, its epoch rises by one each time`, async () => {
    const { stores, viewId } = await make()
    const [store] = stores
    expect(await store!.read(viewId)).toBeNull()
    expect(await store!.move(viewId, null, { jobId: 1, version: 1 })).toBe(1)
    for (const [jobId, version, epoch] of [
      [2, 2, 2],
      [1, 1, 3],
    ] as const) {
      expect(await store!.move(viewId, await store!.read(viewId), { jobId, version })).toBe(epoch)
      for (const one of stores) expect(await one.read(viewId)).toEqual({ jobId, version, epoch })
    }
  })

  test(`${name}: what was seen before somebody else moved it moves nothing`, async () => {
    const { stores, viewId } = await make()
    const [store, other] = stores
    await store!.move(viewId, null, { jobId: 1, version: 1 })
    const seen = await other!.read(viewId)
    await store!.move(viewId, seen, { jobId: 2, version: 2 })
    expect(await other!.move(viewId, seen, { jobId: 3, version: 3 })).toBeNull()
    expect(await other!.move(viewId, null, { jobId: 3, version: 3 })).toBeNull()
    expect(await other!.read(viewId)).toEqual({ jobId: 2, version: 2, epoch: 2 })
  })

  test(`${name}: of many who have seen the same, one moves it`, async () => {
    const { stores, viewId } = await make()
    for (let round = 0; round < 5; round++) {
      const seen = await stores[0]!.read(viewId)
      const moved = await Promise.all(
        Array.from({ length: 8 }, (_, i) => stores[i % stores.length]!.move(viewId, seen, { jobId: 10 * round + i, version: 1 })),
      )
      const winner = moved.findIndex((epoch) => epoch !== null)
      expect(moved.filter((epoch) => epoch !== null)).toEqual([round + 1])
      expect(await stores[0]!.read(viewId)).toMatchObject({ jobId: 10 * round + winner, epoch: round + 1 })
    }
  })
}
