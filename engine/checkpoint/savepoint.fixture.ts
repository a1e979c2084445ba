/** For tests: what a run's operator holds as a savepoint on disk, whole and readable as a job's is. */
import type { ViewDefinition } from '../../definition/model.ts'
import { ALL_TYPES } from '../../definition/testing/streams.ts'
import { planView } from '../plan/plan.ts'
import { KEY_GROUPS } from '../state/hash.ts'
import { stateShape } from '../task/pipeline.ts'
import type { TestRun } from '../task/run-view.fixture.ts'
import { encodeKeyedFile } from './keyed-file.ts'
import type { MemoryFs } from './memory-fs.fixture.ts'
import { prepareDirectory, writeManifest, writeSnapshotFile } from './snapshot-files.ts'

type Order = 'arrival' | 'event_time'

/** Of a run with one operator, over the stream of all types. */
export async function writeTestSavepoint(
  fs: MemoryFs,
  directory: string,
  run: TestRun,
  definition: ViewDefinition,
  order: Order,
): Promise<void> {
  const operator = run.operators[0]!
  const groups = Array.from({ length: KEY_GROUPS }, (_, group) => operator.snapshotKeyGroup(group))
  const parts = encodeKeyedFile(
    { operator: operator.snapshotOperator(), partsOf: (group) => groups[group]! && [groups[group]!] },
    0,
    KEY_GROUPS,
  )
  await prepareDirectory(fs, directory)
  const files = [
    await writeSnapshotFile(fs, directory, { name: 'source-0.json', parts: [Buffer.from(JSON.stringify(run.source.snapshot()))] }),
    await writeSnapshotFile(fs, directory, { name: 'keyed-0.bin', parts }),
  ]
  const { watermarks } = run.source
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  await writeManifest(
    fs,
    directory,
    {
      format: 1,
      kind: 'savepoint',
      view: 'v',
      viewVersion: 1,
      jobId: 1,
      run: 1,
      number: 1,
      createdAtMs: 0,
      features: [],
      stateShape: stateShape(planView(definition, ALL_TYPES), order),
      keyGroups: KEY_GROUPS,
      parallelism: 1,
      positions: run.source.positions(),
      watermarkMs: finite(watermarks.watermarkMs),
      maxEventTimeMs: finite(watermarks.maxEventTimeMs()),
      extra: {},
    },
    files,
  )
}
