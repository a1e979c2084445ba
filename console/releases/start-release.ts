import type { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { CreateRelease } from '../../contract/http-api.ts'
import { endedStates } from '../../contract/release-machine.ts'
import type { Refusal } from '../../contract/release-check.ts'
import type { Tx } from '../../db/client.ts'
import type { EffectiveParameters } from '../../definition/parameters.ts'
import type { ConsoleContext } from '../context.ts'
import { defineVerb } from '../define-verb.ts'
import { viewParameters } from '../readers/view-parameters.ts'
import { archiveQuestion, engineQuestion, instantMs } from './engine-question.ts'

/**
 * Asks for a release: a row in state QUEUED that the engine takes on within a second. One at a time per view;
 * while another is under way it waits in line, or is refused with ifBusy "refuse".
 */
export const startRelease = defineVerb({
  name: 'releases.start',
  input: CreateRelease,
  async prepare({ ctx, input }) {
    const { historyEventTime } = input
    const fromMs = historyEventTime === undefined ? null : instantMs(historyEventTime)
    if (fromMs !== null && fromMs > ctx.now().getTime())
      throw new EvenflowError('bad_request', `historyEventTime ${new Date(fromMs).toISOString()} lies in the future.`, {
        hint: "Give an instant that has passed, or leave it out: then the job goes on with the running one's state, or reads the whole stream.",
      })
    const refused = await refusalOf(ctx, input)
    if (refused)
      throw new EvenflowError('release_refused', refused.why.text, { hint: refused.way.text, details: { code: refused.why.code } })
  },
  async write({ ctx, tx, input }) {
    const { view, version, ifBusy, fromSavepoint, ...asked } = input
    const at = ctx.now()
    const found = await lockView(tx, view)
    const saved = await tx.viewVersion.findUnique({ where: { viewId_version: { viewId: found.id, version } } })
    if (!saved)
      throw new EvenflowError('not_found', `The view ${view} has no version ${version}.`, {
        hint: found.latestVersion > 0 ? `Its versions are 1 to ${found.latestVersion}.` : 'Save one first.',
      })

    const open = await tx.release.findFirst({ where: { viewId: found.id, state: { notIn: [...endedStates] } }, orderBy: { id: 'asc' } })
    if (open && ifBusy === 'refuse')
      throw new EvenflowError('busy', `Release ${open.id} of ${view} is under way (${open.state}).`, {
        hint: 'Wait for its end, abort it, or ask with ifBusy "queue".',
        details: { release: open.id },
      })

    const authority = await tx.authority.findUnique({ where: { viewId: found.id } })
    const runs = authority?.jobId != null
    // The engine judges by what runs when its turn comes.
    const kind = !runs
      ? 'new_job'
      : asked.historyEventTime !== undefined || asked.archive || fromSavepoint !== undefined
        ? 'change'
        : authority.version === version
          ? 'rescale'
          : 'new_features'
    const parameters = await viewParameters(tx, view)
    const request = {
      ...asked,
      ...(asked.historyEventTime !== undefined && { historyEventTimeMs: instantMs(asked.historyEventTime) }),
      ...(asked.archive && { archive: archiveQuestion(asked.archive) }),
      ...(fromSavepoint !== undefined && { savepointId: fromSavepoint }),
      parallelism: asked.parallelism ?? (await parallelismOf(tx, parameters.parallelism, authority?.jobId ?? null)),
      // kept with the release, whatever the parameters say later
      mode: asked.mode ?? (runs || open ? parameters.releaseMode.value : 'automatic'),
      ...(parameters.releaseApproval.value && { approval: true }),
    }
    const release = await tx.release.create({
      data: {
        viewId: found.id,
        kind,
        fromVersion: runs ? authority.version : null,
        toVersion: version,
        state: 'QUEUED',
        stateSince: at,
        request,
        job1Id: runs ? authority.jobId : null,
        createdAt: at,
        createdBy: ctx.actor.name,
      },
    })
    await tx.releaseFact.createMany({
      data: [
        { releaseId: release.id, generation: 1, at, kind: 'created', payload: { by: ctx.actor.name, byId: ctx.actor.personId } },
        {
          releaseId: release.id,
          generation: 1,
          at,
          kind: 'state',
          payload: { from: null, to: 'QUEUED', ...(open && { behind: open.id }) },
        },
      ],
    })
    return {
      output: { id: release.id },
      audit: { targetType: 'release', targetId: String(release.id), after: { view, version, ...request } },
    }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})

/**
 * What the engine's check refuses. Null also where the engine cannot be asked, for it checks again before it begins; who is in the way,
 * and what is not there, is found below under the view's lock.
 */
async function refusalOf(ctx: ConsoleContext, { ifBusy: _, ...input }: z.output<typeof CreateRelease>): Promise<Refusal | null> {
  try {
    return (await ctx.engine.checkRelease(engineQuestion(input))).refusals[0] ?? null
  } catch (error) {
    if (error instanceof EvenflowError && ['engine_unreachable', 'not_ready', 'not_found'].includes(error.code)) return null
    throw error
  }
}

/** What the view's parameter says; where it says nothing, that of the job that runs: a change of features is no rescale. */
async function parallelismOf(tx: Tx, { value, source }: EffectiveParameters['parallelism'], jobId: number | null): Promise<number> {
  if (source !== 'default' || jobId === null) return value
  const job = await tx.job.findUnique({ where: { id: jobId }, select: { parallelism: true } })
  return job?.parallelism ?? value
}

/** The no-op write takes the row's lock on MySQL: two people who ask at once come one after the other. */
async function lockView(tx: Tx, name: string) {
  await tx.view.updateMany({ where: { name }, data: { latestVersion: { increment: 0 } } })
  const view = await tx.view.findUnique({ where: { name } })
  if (view) return view
  throw new EvenflowError('not_found', `There is no view ${name}.`, {
    hint: 'Save it first; GET /api/v1/views lists those that are there.',
  })
}
