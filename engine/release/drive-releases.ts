/** Lets every open release take the steps that it can take now. A step that throws is tried again; it never blocks the others. */
import type { Logger } from 'pino'
import type { ReleaseState } from '../../contract/http-api.ts'
import { isBeforeCutover } from '../../contract/release-machine.ts'
import { backfilling } from './backfilling.ts'
import { catchingUp } from './catching-up.ts'
import { comparing } from './comparing.ts'
import { checked } from './checked.ts'
import { cuttingOver } from './cutting-over.ts'
import { abort } from './new-job.ts'
import { queued } from './queued.ts'
import { ready } from './ready.ts'
import { pendingAction, readRelease, type Step, type StepContext } from './release-record.ts'
import { savepointing } from './savepointing.ts'
import { soaking } from './soaking.ts'
import { starting } from './starting.ts'

const STEPS: Partial<Record<ReleaseState, Step>> = {
  QUEUED: queued,
  CHECKED: checked,
  SAVEPOINTING: savepointing,
  BACKFILLING: backfilling,
  STARTING: starting,
  CATCHING_UP: catchingUp,
  COMPARING: comparing,
  READY: ready,
  CUTTING_OVER: cuttingOver,
  SOAKING: soaking,
}
/** Answers whether any release moved, so that the rows it changed are looked at again at once. */
export async function driveReleases(context: StepContext, log: Logger): Promise<boolean> {
  const open = await context.db.release.findMany({
    where: { state: { in: Object.keys(STEPS) } },
    select: { id: true },
    orderBy: { id: 'asc' },
  })
  let moved = false
  for (const { id } of open) {
    try {
      for (let steps = 0; steps < 10; steps++) {
        const release = await readRelease(context.db, id)
        const step = STEPS[release.state]
        if (!step) break
        const action = pendingAction(release)
        const result =
          action?.payload.action === 'abort' && isBeforeCutover(release.kind, release.state)
            ? await abort(release, context, action.payload.by)
            : await step(release, context)
        if (result === 'waiting') break
        moved = true
      }
    } catch (error) {
      log.error({ error, release: id }, 'a step of a release failed and is tried again')
    }
  }
  return moved
}
