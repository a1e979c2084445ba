/** The process of one comparison: one task in, one answer out. */
import { performance } from 'node:perf_hooks'
import { archivePartition } from '../../contract/archive.ts'
import { loadArchive } from '../archive/load-archive.ts'
import { nodeSnapshotFs } from '../checkpoint/node-fs.ts'
import { compareJobs } from './compare-jobs.ts'
import { archiveThenLog } from '../source/archive-then-log.ts'
import { boundedSource } from '../source/bounded-source.ts'
import { openSource } from '../source/open-source.ts'
import type { Source } from '../source/port.ts'
import type { CompareTask, FromCompare } from './compare-task.ts'
import { openServedValues } from './served-values.ts'

const say = (message: FromCompare): Promise<void> =>
  new Promise((resolve) => (process.connected ? process.send!(message, undefined, {}, () => resolve()) : resolve()))

process.on('disconnect', () => process.exit(0))
process.once('message', (task: CompareTask) => void answer(task))

async function answer(task: CompareTask): Promise<void> {
  const reply = await compareJobs(task, {
    fs: nodeSnapshotFs,
    log: () => openRead(task),
    serve: (plan, atMs) => openServedValues(task.job2.socketPath, plan, atMs),
    monotonicMs: () => performance.now(),
    served: () => void say({ type: 'served' }),
  }).then(
    (comparison): FromCompare => ({ type: 'compared', comparison }),
    (error: Error): FromCompare => ({ type: 'failed', message: error.message }),
  )
  await say(reply)
  process.exit(0)
}

/** The stream up to the positions as the new job has read it: behind its archive, where it has one, which that job has loaded. */
async function openRead({ dataDir, view, streams, job2: { archive, source, definition, positions } }: CompareTask): Promise<Source> {
  const log = boundedSource(openSource(dataDir, streams[0]!, definition.union && streams), positions)
  if (!archive) return log
  const loaded = await loadArchive({ dataDir, view, stream: source, archive, now: Date.now, goOn: () => false })
  return archiveThenLog(loaded, log, archivePartition(archive.number))
}
