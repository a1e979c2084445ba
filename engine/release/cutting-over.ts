/**
 * CUTTING_OVER → DONE. The old job stops at a position vector; the new one must have applied at least that; then one
 * conditional update moves the view's authority. No way back from here: every part can be done again after a crash.
 */
import { addFact, lastFact, moveTo, type Step } from './release-record.ts'

export const cuttingOver: Step = async (release, context) => {
  const { db } = context
  const job2Id = release.job2Id ?? -1
  const authority = await db.authority.findUnique({ where: { viewId: release.viewId } })
  if (authority?.jobId !== job2Id) {
    if (release.job1Id !== null) {
      const stopped = await stopJob1(release.job1Id)
      if (!stopped) return 'waiting'
      if (!(await hasApplied(release.job1Id))) return 'waiting'
    }
    if (authority) {
      const { count } = await db.authority.updateMany({
        where: { viewId: release.viewId, epoch: authority.epoch },
        data: { jobId: job2Id, version: release.toVersion, epoch: authority.epoch + 1 },
      })
      if (count === 0) return 'waiting' // looked at again with what stands there now
    } else await db.authority.create({ data: { viewId: release.viewId, jobId: job2Id, version: release.toVersion, epoch: 1 } })
  }
  const now = await db.authority.findUniqueOrThrow({ where: { viewId: release.viewId } })
  if (!lastFact(release, 'authority_moved'))
    await addFact(context, release, 'authority_moved', { job: job2Id, from: release.job1Id, version: release.toVersion, epoch: now.epoch })
  context.wake()
  return moveTo(context, release, 'DONE', { payload: { job: job2Id, version: release.toVersion } })

  async function stopJob1(id: number): Promise<boolean> {
    const job1 = await db.job.findUniqueOrThrow({ where: { id }, omit: { metrics: true } })
    if (job1.desired !== 'STOPPED') {
      await db.job.update({ where: { id }, data: { desired: 'STOPPED' } })
      context.wake()
      return false
    }
    return job1.observed === 'STOPPED' || job1.observed === 'FAILED'
  }

  async function hasApplied(job1Id: number): Promise<boolean> {
    const last = await db.checkpoint.findFirst({ where: { jobId: job1Id, status: 'COMPLETED' }, orderBy: { id: 'desc' } })
    const positions = (last?.positions ?? {}) as Record<string, number>
    const metrics = context.metricsOf(job2Id)
    if (!metrics) return false
    return Object.entries(positions).every(
      ([partition, position]) => (metrics.partitions.find((p) => String(p.partition) === partition)?.position ?? 0) >= position,
    )
  }
}
