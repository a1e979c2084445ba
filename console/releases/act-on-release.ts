import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { AllowedAction, ReleaseActionInput } from '../../contract/http-api.ts'
import { allowedActions } from '../../contract/release-rules.ts'
import { defineVerb } from '../define-verb.ts'
import { viewParameters } from '../readers/view-parameters.ts'
import { situationOf } from './situation.ts'

/** Notes what a person decided as a fact of the release; the engine's driver acts on it. Only what the server itself offers now. */
export const actOnRelease = defineVerb({
  name: 'releases.act',
  input: ReleaseActionInput.extend({ id: z.int(), action: AllowedAction.shape.action }),
  async write({ ctx, tx, input: { id, action, reason } }) {
    await tx.release.updateMany({ where: { id }, data: { generation: { increment: 0 } } }) // takes the row's lock
    const release = await tx.release.findUnique({ where: { id }, include: { view: { select: { name: true } } } })
    if (!release) throw new EvenflowError('not_found', `There is no release ${id}.`)
    const facts = await tx.releaseFact.findMany({
      where: { releaseId: id, kind: { in: ['action', 'state', 'compared', 'compare_again'] } },
      orderBy: { id: 'desc' },
      take: 50,
    })
    const people = await tx.releaseFact.findMany({ where: { releaseId: id, kind: { in: ['created', 'approved'] } } })
    const job1 = release.job1Id === null ? null : await tx.job.findUnique({ where: { id: release.job1Id }, select: { observed: true } })
    const { cutoverHours } = await viewParameters(tx, release.view.name)
    const surroundings = { facts, people, job1, cutoverHours: cutoverHours.value, actor: ctx.actor, nowMs: ctx.now().getTime() }
    const offered = allowedActions(situationOf(release, surroundings))
    const allowed = offered.find((one) => one.action === action)
    if (!allowed?.enabled) {
      const can = offered.filter(({ enabled }) => enabled).map((one) => one.action)
      throw new EvenflowError('not_allowed_now', allowed?.why ?? `Release ${id} is ${release.state}: ${action} is not possible there.`, {
        hint: can.length > 0 ? `Possible now: ${can.join(', ')}.` : 'Nothing can be done to it any more.',
        details: { state: release.state, allowedActions: offered },
      })
    }
    if (action === 'overrule' && reason === undefined)
      throw new EvenflowError('bad_request', 'Overruling a comparison needs a reason.', {
        hint: 'Send { "reason": "…" }: it stays in the record of the release.',
      })
    const payload = { action, by: ctx.actor.name, ...(reason !== undefined && { reason }) }
    // An approval is no request to the driver: it holds until the release ends.
    const fact =
      action === 'approve'
        ? { kind: 'approved', payload: { by: ctx.actor.name, byId: ctx.actor.personId, ...(reason !== undefined && { reason }) } }
        : { kind: 'action', payload }
    await tx.releaseFact.create({ data: { releaseId: id, generation: release.generation, at: ctx.now(), ...fact } })
    return { output: { id }, audit: { targetType: 'release', targetId: String(id), before: { state: release.state }, after: payload } }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})
