/**
 * For tests: places in what a release writes at which the database refuses the row. All that the engine does before that row has been
 * done, nothing after it, for as long as the failpoint stands: so a test can kill the engine exactly there, or see it try again.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '../../db/client.ts'

export interface Failpoint {
  readonly name: string
  /** of a SQLite trigger: the write that is refused */
  readonly at: string
}

const entering = (state: string): Failpoint => ({
  name: `entering ${state}`,
  at: `BEFORE UPDATE OF state ON "Release" WHEN NEW.state = '${state}' AND OLD.state <> NEW.state`,
})
const fact = (kind: string): Failpoint => ({ name: `fact ${kind}`, at: `BEFORE INSERT ON "ReleaseFact" WHEN NEW.kind = '${kind}'` })
const point = (name: string, at: string): Failpoint => ({ name, at })

const entered = (...states: string[]) => states.map(entering)
const AUTHORITY = point('authority moves', 'BEFORE UPDATE OF jobId ON "Authority"')
const FIRST_AUTHORITY = point('first authority', 'BEFORE INSERT ON "Authority"')
const JOB_MADE = point('a job is made', 'BEFORE INSERT ON "Job"')
const JOB_WANTED = point('a job is wanted', `BEFORE UPDATE OF desired ON "Job" WHEN NEW.desired = 'RUNNING' AND OLD.desired = 'STOPPED'`)
const JOB_NOT_WANTED = point(
  'a job is to stop',
  `BEFORE UPDATE OF desired ON "Job" WHEN NEW.desired = 'STOPPED' AND OLD.desired = 'RUNNING'`,
)
const RUN_BEGINS = point('a run begins', 'BEFORE INSERT ON "JobRun"')
const SAVEPOINT_MADE = point('a savepoint is made', 'BEFORE INSERT ON "Savepoint"')
const SAVEPOINT_DONE = point('a savepoint is done', `BEFORE UPDATE OF status ON "Savepoint" WHEN NEW.status = 'COMPLETED'`)

const MADE = [JOB_MADE, JOB_WANTED, RUN_BEGINS]
const SAVED = [SAVEPOINT_MADE, fact('savepoint_begun'), SAVEPOINT_DONE]
const COMPARED = [...entered('COMPARING'), fact('compare_begun'), fact('compared')]
const TAKEN_OVER = [...COMPARED, ...entered('CATCHING_UP', 'READY', 'CUTTING_OVER', 'SOAKING'), AUTHORITY, fact('authority_moved')]
const FINISHED = [JOB_NOT_WANTED, ...entered('DONE')]

/** The failpoints on the way of each kind, each of which is met. */
export const failpoints = {
  new_job: [
    ...entered('CHECKED', 'STARTING', 'CATCHING_UP', 'READY', 'CUTTING_OVER', 'DONE'),
    ...[...MADE, FIRST_AUTHORITY, fact('authority_moved')],
  ],
  change: [...entered('CHECKED', 'STARTING'), ...MADE, ...TAKEN_OVER, ...FINISHED],
  rescale: [...entered('CHECKED', 'SAVEPOINTING', 'STARTING'), ...SAVED, ...MADE, ...TAKEN_OVER, ...FINISHED],
  new_features: [
    ...[...entered('CHECKED', 'SAVEPOINTING', 'BACKFILLING', 'STARTING'), ...SAVED, fact('backfill_savepoint_begun')],
    ...[...MADE, ...TAKEN_OVER, ...FINISHED],
  ],
  /** a version with fewer features: nothing is built, the state of those that stay goes on */
  removal: [...entered('CHECKED', 'SAVEPOINTING', 'BACKFILLING', 'STARTING'), ...SAVED, ...MADE, ...TAKEN_OVER, ...FINISHED],
  /** from the soaking on */
  rollback: [AUTHORITY, fact('authority_moved'), JOB_NOT_WANTED, ...entered('ROLLED_BACK')],
  /** a running job is begun again from a savepoint of its own */
  restart: [
    point('the job stops', `BEFORE UPDATE OF observed ON "Job" WHEN NEW.observed = 'RESTARTING'`),
    point('the wish is followed', 'BEFORE UPDATE OF observedGeneration ON "Job" WHEN NEW.observedGeneration > OLD.observedGeneration'),
    RUN_BEGINS,
    point('the job runs', `BEFORE UPDATE OF observed ON "Job" WHEN NEW.observed = 'RUNNING'`),
    point('it has a checkpoint', `BEFORE UPDATE OF status ON "Checkpoint" WHEN NEW.status = 'COMPLETED'`),
  ],
} as const satisfies Record<string, readonly Failpoint[]>

export type FailpointsOf = keyof typeof failpoints

const triggerOf = ({ name }: Failpoint) => `"failpoint ${name}"`
const saying = ({ name }: Failpoint) => `failpoint <${name}>`

/** Sets them all; `met` answers one that the engine has come to since it was last asked, and `lift` lets it pass. */
export async function setFailpoints(db: Db, dataDir: string, points: readonly Failpoint[]) {
  const standing = new Set(points)
  const logFile = join(dataDir, 'engine-test.log')
  let seen = readFileSync(logFile).length
  for (const one of points)
    await db.$executeRawUnsafe(`CREATE TRIGGER ${triggerOf(one)} ${one.at} BEGIN SELECT RAISE(ABORT, '${saying(one)}'); END`)
  return {
    /** null: none */
    met(): Failpoint | null {
      const log = readFileSync(logFile).subarray(seen).toString()
      return [...standing].find((one) => log.includes(saying(one))) ?? null
    },
    async lift(one: Failpoint): Promise<void> {
      standing.delete(one)
      await db.$executeRawUnsafe(`DROP TRIGGER ${triggerOf(one)}`)
      seen = readFileSync(logFile).length
    },
    /** those that the engine never came to */
    get standing(): readonly string[] {
      return [...standing].map(({ name }) => name)
    },
  }
}
