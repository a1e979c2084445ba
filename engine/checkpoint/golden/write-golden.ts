/**
 * Writes the golden savepoints of this build's format, with what must come of them: `node engine/checkpoint/golden/write-golden.ts`.
 * Those that are there are left alone: a savepoint in git is what users may have on disk. See README.md for when to write new ones.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FORMAT_VERSION } from '../manifest.ts'
import { nodeSnapshotFs } from '../node-fs.ts'
import { eventsOf, finish, GOLDEN, goldenRun, HALF, writeGolden } from './golden-views.fixture.ts'

for (const name of Object.keys(GOLDEN)) {
  const directory = join(import.meta.dirname, `format-${FORMAT_VERSION}`, name)
  if (existsSync(directory)) {
    console.log(`there      ${directory}`)
    continue
  }
  await writeGolden(nodeSnapshotFs, join(directory, 'savepoint'), name)
  const whole = (await goldenRun(name)).open()
  for (const event of eventsOf(name, 0, HALF)) await whole.feed([event])
  writeFileSync(join(directory, 'expected.json'), `${JSON.stringify(await finish(whole, name))}\n`)
  console.log(`written    ${directory}`)
}
