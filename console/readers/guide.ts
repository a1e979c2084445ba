import type { Guide, Overview } from '../../contract/http-api.ts'
import { endedStates } from '../../contract/release-machine.ts'
import type { ConsoleContext } from '../context.ts'
import { engineState } from './engine-state.ts'

/**
 * The five steps of the start page. The demo's own stream and views are there from the beginning, so a step counts when a *person*
 * took it: looked at a stream or made one, saved, previewed, released, read.
 */
export async function readGuide(ctx: ConsoleContext): Promise<Guide> {
  const mine = { actorId: ctx.actor.id.slice(0, 64) }
  const [stream, saves, releases, steps, view, release, { health }] = await Promise.all([
    ctx.db.stream.findFirst({ orderBy: { createdAt: 'asc' }, select: { name: true } }),
    ctx.db.audit.count({ where: { action: 'views.save' } }),
    ctx.db.audit.findMany({ where: { action: 'releases.start' }, select: { targetId: true } }),
    ctx.db.guideStep.findMany({ where: mine, select: { step: true } }),
    ctx.db.view.findFirst({ orderBy: { createdAt: 'desc' }, select: { name: true } }),
    ctx.db.release.findFirst({ orderBy: { id: 'desc' }, select: { id: true } }),
    engineState(ctx),
  ])
  const done =
    releases.length === 0
      ? 0
      : await ctx.db.release.count({
          where: { id: { in: releases.map(({ targetId }) => Number(targetId)) }, state: { in: ['DONE', 'SOAKING'] } },
        })
  const took = (step: string) => steps.some((one) => one.step === step)
  return {
    steps: [
      {
        step: 'stream',
        done: stream !== null && (took('stream') || saves > 0),
        href: stream ? `/streams/${encodeURIComponent(stream.name)}` : '/streams/new',
      },
      { step: 'feature', done: saves > 0, href: '/features/new' },
      { step: 'preview', done: took('preview'), href: view ? `/features/${encodeURIComponent(view.name)}/edit` : '/features/new' },
      { step: 'release', done: done > 0, href: release ? `/releases/${release.id}` : '/releases' },
      { step: 'read', done: took('read'), href: view ? `/features/${encodeURIComponent(view.name)}?tab=read` : '/features' },
    ],
    demo: health && health.demo.state !== 'off' ? health.demo : null,
  }
}

export async function readOverview(ctx: ConsoleContext): Promise<Overview> {
  const [streams, views, releasesInProgress, jobs, versions, { reachable, since }] = await Promise.all([
    ctx.db.stream.count(),
    ctx.db.view.findMany({ select: { id: true, latestVersion: true } }),
    ctx.db.release.count({ where: { state: { notIn: [...endedStates] } } }),
    ctx.db.job.groupBy({
      by: ['observed'],
      _count: { _all: true },
      where: { OR: [{ desired: 'RUNNING' }, { observed: { not: 'STOPPED' } }] },
    }),
    ctx.db.viewVersion.findMany({ select: { viewId: true, version: true, featureTypes: true } }),
    engineState(ctx),
  ])
  const count = (observed: string) => jobs.find((group) => group.observed === observed)?._count._all ?? 0
  const all = jobs.reduce((sum, group) => sum + group._count._all, 0)
  const latest = new Map(views.map(({ id, latestVersion }) => [id, latestVersion]))
  const features = versions
    .filter(({ viewId, version }) => latest.get(viewId) === version)
    .reduce((sum, { featureTypes }) => sum + (featureTypes as unknown[]).length, 0)
  return {
    streams,
    views: views.length,
    features,
    releasesInProgress,
    jobs: { running: count('RUNNING'), failed: count('FAILED'), other: all - count('RUNNING') - count('FAILED') },
    engine: { reachable, since },
  }
}
