/**
 * The pane case's million keys, snapshot to disk and restored. `checkpoint-pause-p99`: how long a turn of the job is
 * held by a checkpoint that goes on while events are applied (the barrier, each slice of keys, each part of the file). `savepoint-1m`:
 * from the barrier until the manifest is durable. `restore-1m`: from the directory until the operator answers, every byte checked.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { decodeKeyedFile, encodeKeyedFile } from '../engine/checkpoint/keyed-file.ts'
import { nodeSnapshotFs as fs } from '../engine/checkpoint/node-fs.ts'
import { prepareDirectory, readSnapshot, writeManifest, writeSnapshotFile } from '../engine/checkpoint/snapshot-files.ts'
import { KEY_GROUPS } from '../engine/state/hash.ts'
import { type Bench, percentile } from './support/harness.ts'
import { EngineOnly, panesOver } from './support/engine-only.ts'
import { paneDayMs, warmPanes } from './support/million-panes.ts'

const keysPerSlice = 512
const eventsPerSlice = 256
const checkpoints = 3
const fileName = 'keyed-0.bin'
const facts = {
  format: 1 as const,
  kind: 'savepoint' as const,
  view: 'bench',
  viewVersion: 1,
  jobId: 1,
  run: 1,
  number: 1,
  createdAtMs: 0,
  features: [],
  stateShape: 'bench',
  keyGroups: KEY_GROUPS,
  parallelism: 1,
  positions: {},
  watermarkMs: null,
  maxEventTimeMs: null,
  extra: {},
}

export const run: Bench = async ({ say }) => {
  const { engine, payments } = warmPanes()
  const { operator } = engine
  say(`${operator.keys()} keys, ${(operator.stateBytes() / 2 ** 20).toFixed(0)} MiB of state, a day of hourly panes`)
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-bench-'))
  const held: number[] = []
  const timed = <T>(work: () => T): T => {
    const beganMs = performance.now()
    try {
      return work()
    } finally {
      held.push(performance.now() - beganMs)
    }
  }
  try {
    for (let n = 0; n < checkpoints; n++) {
      const path = join(directory, `checkpoint-${n}`)
      const snapshot = timed(() => operator.beginSnapshot())
      while (!timed(() => snapshot.advance(keysPerSlice))) engine.apply(payments.next(eventsPerSlice), payments.newestMs)
      const parts = timed(() => encodeKeyedFile(snapshot, 0, KEY_GROUPS))
      await prepareDirectory(fs, path)
      await writeSnapshotFile({ ...fs, writeFile: (to, bytes) => fs.writeFile(to, timedParts(bytes, timed)) }, path, {
        name: fileName,
        parts,
      })
    }
    const saveMs = await elapsed(async () => {
      const path = join(directory, 'savepoint')
      const snapshot = operator.beginSnapshot()
      snapshot.advance(Number.POSITIVE_INFINITY)
      await prepareDirectory(fs, path)
      const file = await writeSnapshotFile(fs, path, { name: fileName, parts: encodeKeyedFile(snapshot, 0, KEY_GROUPS) })
      await writeManifest(fs, path, facts, [file])
      say(`the savepoint has ${(file.bytes / 2 ** 20).toFixed(0)} MiB`)
    })
    const restored = new EngineOnly(panesOver(paneDayMs)).operator
    const restoreMs = await elapsed(async () => {
      const { files } = await readSnapshot(fs, join(directory, 'savepoint'))
      restored.restoreOperator(decodeKeyedFile(files.get(fileName)!, restored, () => true))
    })
    if (restored.keys() !== operator.keys()) throw new Error(`${restored.keys()} keys of ${operator.keys()} were restored`)
    const baseline = serialized(directory)
    return [
      {
        name: 'checkpoint-pause-p99',
        value: percentile(held, 0.99),
        unit: 'ms',
        bar: { atMost: 5 },
        note: `of ${held.length} turns of ${checkpoints} checkpoints of ${operator.keys()} keys while events were applied; the longest held ${Math.max(...held).toFixed(1)} ms`,
      },
      {
        name: 'savepoint-1m',
        value: saveMs / 1000,
        unit: 's',
        bar: { atMost: 2 },
        baseline: {
          value: baseline.saveMs / 1000,
          what: 'v8.serialize of a Map of as many keys with three rows each, written to a file, not synced',
        },
      },
      {
        name: 'restore-1m',
        value: restoreMs / 1000,
        unit: 's',
        bar: { atMost: 1 },
        baseline: { value: baseline.restoreMs / 1000, what: 'v8.deserialize of that Map, already in memory' },
      },
    ]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function* timedParts(parts: Iterable<Uint8Array>, timed: <T>(work: () => T) => T): Generator<Uint8Array> {
  const iterator = parts[Symbol.iterator]()
  for (let next = timed(() => iterator.next()); !next.done; next = timed(() => iterator.next())) yield next.value
}

async function elapsed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}

/** A Map from key to its events and sums, as one would keep it without slabs. */
function serialized(directory: string): { saveMs: number; restoreMs: number } {
  const states = new Map<string, { events: { ts: number; amount: number }[]; sum: number; max: number }>()
  for (let key = 0; key < 1_000_000; key++) {
    const events = [0, 1, 2].map((i) => ({ ts: key + i, amount: i + 0.5 }))
    states.set(`card-${String(key).padStart(8, '0')}`, { events, sum: 4.5, max: 2.5 })
  }
  const beganMs = performance.now()
  const bytes = serialize(states)
  writeFileSync(join(directory, 'serialized'), bytes)
  const savedMs = performance.now()
  deserialize(bytes)
  return { saveMs: savedMs - beganMs, restoreMs: performance.now() - savedMs }
}
