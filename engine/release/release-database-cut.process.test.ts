/**
 * The database is away in the middle of a release, in every state of it: jobs run on, and the release goes on where it was. No console
 * runs in these tests: what a release needs of it stands in the database, and a console that dies is missed by nobody here.
 */
import { expect, test } from 'vitest'
import { describeDatabases } from '../../db/testing/test-databases.ts'
import { openCutProxy } from './cut-proxy.fixture.ts'
import { CARDS, FEW, MORE, ReleaseScene } from './release-scene.fixture.ts'

const CUT_MS = 2500
const CUT_IN = ['SAVEPOINTING', 'BACKFILLING', 'CATCHING_UP', 'SOAKING'] as const

await describeDatabases('a release whose database is cut off', (databases, kind) => {
  test.skipIf(kind === 'sqlite')(
    'cut off while it takes its savepoint, builds, catches up and soaks, it ends with the stores of a golden run',
    { timeout: 600_000 },
    async () => {
      const database = await databases.migrated()
      const proxy = await openCutProxy(database.url)
      const scene = await ReleaseScene.open({ db: database.db, engineUrl: proxy.url })
      try {
        await scene.inState(await scene.ask(FEW), 'DONE')
        const id = await scene.ask(MORE)
        for (const state of CUT_IN) {
          await scene.inState(id, state)
          await proxy.cutFor(CUT_MS)
          await scene.send(CARDS, 20)
        }
        await scene.act(id, 'finish')
        await scene.inState(id, 'DONE')
        expect((await scene.release(id)).kind).toBe('new_features')
        await scene.expectGolden(MORE)
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${await scene.told()}`, { cause: error })
      } finally {
        await scene.close()
        await proxy.close()
      }
    },
  )
})
