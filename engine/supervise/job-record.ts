/** What a job reports → rows of the database. All writes of one job go one after the other, so that reports never overtake. */
import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { CheckpointReport, DeadLetterReport, FromJob } from '../../contract/job-ipc.ts'
import { isUniqueViolation } from '../../db/transaction.ts'
import type { EngineContext } from './context.ts'

const date = (ms: number): Date => new Date(ms)
const dateOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

export async function recordCheckpoint(context: EngineContext, jobId: number, report: CheckpointReport): Promise<void> {
  const { db } = context
  const { run, number, kind } = report
  const data = {
    status: report.status,
    completedAt: dateOrNull(report.completedAtMs),
    durationMs: report.completedAtMs === null ? null : report.completedAtMs - report.triggeredAtMs,
    checkpointedBytes: BigInt(Math.round(report.checkpointedBytes)),
    fullBytes: BigInt(Math.round(report.fullBytes)),
    processedBytes: BigInt(Math.round(report.processedBytes)),
    positions: report.positions,
    maxEventTimeMs: report.maxEventTimeMs,
    watermarkMs: report.watermarkMs,
    path: report.path,
    failureReason: report.failureReason,
    failureMessage: report.failureMessage,
  }
  const row = await db.checkpoint.upsert({
    where: { jobId_run_number: { jobId, run, number } },
    create: { jobId, run, number, kind, triggeredAt: date(report.triggeredAtMs), ...data },
    update: data,
  })
  await db.checkpointSubtask.deleteMany({ where: { checkpointId: row.id } })
  if (report.subtasks.length > 0)
    await db.checkpointSubtask.createMany({
      data: report.subtasks.map(({ acknowledgedAtMs, checkpointedBytes, fullBytes, processedBytes, ...subtask }) => ({
        checkpointId: row.id,
        ...subtask,
        acknowledgedAt: dateOrNull(acknowledgedAtMs),
        checkpointedBytes: BigInt(Math.round(checkpointedBytes)),
        fullBytes: BigInt(Math.round(fullBytes)),
        processedBytes: BigInt(Math.round(processedBytes)),
      })),
    })
  if (kind === 'savepoint' && report.requestId !== null && report.status !== 'IN_PROGRESS') await recordSavepoint(context, report)
  if (report.status === 'COMPLETED') await markDiscarded(context, jobId)
}

async function recordSavepoint({ db }: EngineContext, report: CheckpointReport): Promise<void> {
  await db.savepoint.updateMany({
    where: { requestId: report.requestId, status: 'IN_PROGRESS' },
    data: {
      status: report.status,
      path: report.path,
      sizeBytes: BigInt(Math.round(report.fullBytes)),
      positions: report.positions,
      maxEventTimeMs: report.maxEventTimeMs,
      watermarkMs: report.watermarkMs,
      failureMessage: report.failureMessage,
      completedAt: dateOrNull(report.completedAtMs),
    },
  })
}

/** The job deletes what its retention lets go of; the records say so. */
async function markDiscarded({ db, dataDir, now }: EngineContext, jobId: number): Promise<void> {
  const kept = await db.checkpoint.findMany({
    where: { jobId, status: 'COMPLETED', kind: 'checkpoint', discardedAt: null },
    select: { id: true, path: true },
    orderBy: { id: 'desc' },
    skip: 1,
  })
  const gone = kept.filter(({ path }) => path !== null && !existsSync(resolve(dataDir, path))).map(({ id }) => id)
  if (gone.length > 0) await db.checkpoint.updateMany({ where: { id: { in: gone } }, data: { discardedAt: date(now()) } })
}

/** Found again by a replay, a record is the same row: the key is stream, place and kind, not the job or its run. */
export async function recordDeadLetters(
  { db, now }: EngineContext,
  job: { id: number; streamId: string },
  items: readonly DeadLetterReport[],
  late: boolean,
): Promise<void> {
  const rows = items.map(({ partition, offset, code, message, raw }) => ({
    streamId: job.streamId,
    jobId: job.id,
    partition,
    offset: BigInt(offset),
    dedupKey: createHash('sha256')
      .update(`${job.streamId}:${partition}:${offset}:${late ? 'late' : code}`)
      .digest('hex'),
    code,
    message,
    raw,
    late,
    receivedAt: date(now()),
  }))
  const known = new Set(
    (await db.deadLetter.findMany({ where: { dedupKey: { in: rows.map((row) => row.dedupKey) } }, select: { dedupKey: true } })).map(
      (row) => row.dedupKey,
    ),
  )
  const fresh = rows.filter((row, i) => !known.has(row.dedupKey) && rows.findIndex((other) => other.dedupKey === row.dedupKey) === i)
  if (fresh.length === 0) return
  try {
    await db.deadLetter.createMany({ data: fresh })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    for (const row of fresh)
      await db.deadLetter.create({ data: row }).catch((again: unknown) => {
        if (!isUniqueViolation(again)) throw again
      })
  }
}

export async function recordException(
  { db, now }: EngineContext,
  jobId: number,
  run: number,
  failure: Pick<Extract<FromJob, { type: 'failed' }>, 'code' | 'message' | 'stack'>,
): Promise<void> {
  const at = date(now())
  const same = await db.jobException.findFirst({ where: { jobId, code: failure.code, message: failure.message }, orderBy: { id: 'desc' } })
  if (same)
    await db.jobException.update({ where: { id: same.id }, data: { run, lastAt: at, count: { increment: 1 }, stack: failure.stack } })
  else await db.jobException.create({ data: { jobId, run, ...failure, firstAt: at, lastAt: at } })
}

/** What a run left open when it ended. */
export async function closeOpenRecords({ db, now }: EngineContext, jobId: number): Promise<void> {
  const failureMessage = 'The job stopped or failed meanwhile.'
  await db.checkpoint.updateMany({
    where: { jobId, status: 'IN_PROGRESS' },
    data: { status: 'FAILED', failureReason: 'job_stopped', failureMessage, completedAt: date(now()) },
  })
  await db.savepoint.updateMany({
    where: { jobId, status: 'IN_PROGRESS' },
    data: { status: 'FAILED', failureMessage, completedAt: date(now()) },
  })
}
