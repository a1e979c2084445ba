/**
 * DESIGN §5.1, §8: whatever dies and whoever takes over, each row is forwarded once, and those of a key in order. Jobs are models here
 * (rows at once, or when the watermark comes); the forwarder, its files and what a snapshot holds are real.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { archivePartition } from '../../contract/archive.ts'
import { MemoryFs } from '../checkpoint/memory-fs.fixture.ts'
import type { ResultRow } from '../sink/port.ts'
import { forwardedRow } from './forwarded-row.ts'
import { Forwarder, ForwardLost, type Prepared } from './forwarder.ts'
import { MemoryTarget } from './memory-target.fixture.ts'
import { NOTHING_YET_MS } from './port.ts'
import { resultRow } from './target-contract.ts'

interface Event {
  readonly partition: number
  readonly offset: number
  readonly timeMs: number
}

interface Snapshot {
  readonly positions: Record<string, number>
  readonly waiting: readonly Event[]
  readonly watermarkMs: number
  readonly prepared: readonly Prepared[]
}

const OUT_OF_ORDER_MS = 20
const toJson = forwardedRow({ view: 'v', version: 1, keyFields: ['card'], features: [] })
const before = (a: Event, b: Event) => a.timeMs - b.timeMs || a.partition - b.partition || a.offset - b.offset
const rowOf = ({ partition, offset, timeMs }: Event): ResultRow =>
  resultRow(offset, { key: JSON.stringify([`p${partition}-${offset % 3}`]), partition, eventTimeMs: timeMs, values: [] })

/** Reads events, says a row for each, takes checkpoints. */
class ModelJob {
  readonly forwarder: Forwarder
  positions: Record<string, number>
  private waiting: Event[]
  private watermarkMs: number
  private readonly log: readonly (readonly Event[])[]
  private readonly waits: boolean
  private readonly pending: { number: number; snapshot: Snapshot }[] = []
  newest: Snapshot | null
  private number = 0

  constructor(
    of: { id: number; run: number; log: readonly (readonly Event[])[]; waits: boolean; fs: MemoryFs; target: MemoryTarget },
    from: Snapshot | null,
    authority: number | null,
  ) {
    this.log = of.log
    this.waits = of.waits
    this.newest = from
    this.positions = from ? { ...from.positions } : Object.fromEntries(of.log.map((_, partition) => [partition, 0]))
    this.waiting = [...(from?.waiting ?? [])]
    this.watermarkMs = from?.watermarkMs ?? NOTHING_YET_MS
    this.forwarder = new Forwarder({
      fs: of.fs,
      dataDir: '/data',
      directory: `forward/v/job-${of.id}`,
      run: of.run,
      start: of.run,
      authority,
      target: of.target.open(),
      streams: ['pay'],
      toJson,
    })
  }

  async open(): Promise<this> {
    await this.forwarder.restore(this.newest?.prepared ?? [])
    return this
  }

  async read(partition: number, count: number): Promise<void> {
    const from = this.positions[partition]!
    const events = this.log[partition]!.slice(from, from + count)
    this.positions[partition] = from + events.length
    if (!this.waits) return this.forwarder.write(events.map(rowOf))
    const late = events.filter(({ timeMs }) => timeMs < this.watermarkMs)
    this.waiting.push(...events.filter((event) => !late.includes(event)))
    const newest = this.log.map((all, at) => Math.max(NOTHING_YET_MS, ...all.slice(0, this.positions[at]).map(({ timeMs }) => timeMs)))
    this.watermarkMs = Math.max(this.watermarkMs, Math.min(...newest) - OUT_OF_ORDER_MS)
    const due = this.waiting.filter(({ timeMs }) => timeMs < this.watermarkMs).sort(before)
    this.waiting = this.waiting.filter((event) => !due.includes(event))
    await this.forwarder.write([...late, ...due].map(rowOf))
  }

  async barrier(): Promise<void> {
    const number = ++this.number
    const { positions, waiting, watermarkMs } = this
    const upTo = { positions: { ...positions }, beforeMs: this.waits ? watermarkMs : null }
    this.forwarder.begin(number, upTo)
    await this.forwarder.flush(number)
    this.pending.push({
      number,
      snapshot: { positions: { ...positions }, waiting: [...waiting], watermarkMs, prepared: this.forwarder.prepared() },
    })
  }

  /** The newest barrier's checkpoint is complete. */
  async complete(): Promise<void> {
    const done = this.pending.at(-1)
    if (!done) return
    this.newest = done.snapshot
    this.forwarder.completed(done.number)
    await this.forwarder.settled()
  }

  async finish(): Promise<void> {
    for (const partition of this.log.keys()) await this.read(partition, Number.POSITIVE_INFINITY)
    if (this.waits) {
      this.watermarkMs = Number.MAX_SAFE_INTEGER
      await this.forwarder.write(this.waiting.splice(0).sort(before).map(rowOf))
    }
    await this.barrier()
    await this.complete()
  }
}

const who = fc.nat(1)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('read' as const), who, partition: fc.nat(1), count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('barrier' as const, 'checkpoint' as const, 'checkpoint' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'losePower' as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('handOver' as const, 'release' as const, 'zombie' as const), who }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function play(log: Event[][], waits: boolean, steps: readonly Step[]): Promise<MemoryTarget> {
  const target = new MemoryTarget()
  const fs = new MemoryFs()
  await fs.makeDirectory('/data')
  await fs.syncDirectory('/')
  let run = 0
  let epoch = 1
  let authority = 0
  let jobs = 0
  const start = (id: number, from: Snapshot | null, slot: number) =>
    new ModelJob({ id, run: ++run, log, waits, fs, target }, from, slot === authority ? epoch : null).open()
  const ids = [++jobs, 0]
  const slots: (ModelJob | null)[] = [await start(1, null, 0), null]
  const zombies: ModelJob[] = []
  for (const one of steps) {
    const job = slots[one.who]
    if (!job) {
      // The new job of a release begins with the other one's newest snapshot, the way it stands.
      if (one.do === 'release' || one.do === 'read') {
        ids[one.who] = ++jobs
        slots[one.who] = await start(ids[one.who]!, slots[1 - one.who]!.newest, one.who)
      }
      continue
    }
    if (one.do === 'read') await job.read(one.partition % log.length, one.count)
    else if (one.do === 'barrier') await job.barrier()
    else if (one.do === 'checkpoint') {
      await job.barrier()
      await job.complete()
    } else if (one.do === 'kill' || one.do === 'losePower') {
      if (one.do === 'losePower') fs.restart()
      else zombies.push(job) // taken for dead
      slots[one.who] = await start(ids[one.who]!, job.newest, one.who)
    } else if (one.do === 'handOver' && slots[1 - one.who] && authority === one.who) {
      authority = 1 - one.who
      slots[authority]!.forwarder.authorise(++epoch)
      if (one.who === 0) job.forwarder.authorise(null) // the other way it is not told, and is refused
      await slots[authority]!.forwarder.settled()
    } else if (one.do === 'zombie') {
      // Its files may be gone under it; what it does is refused, or fails for itself.
      const zombie = zombies.at(-1)
      await zombie?.complete().catch(() => {})
    }
  }
  await slots[authority]!.finish()
  return target
}

const logs = (partitions: number) =>
  fc
    .array(fc.integer({ min: 0, max: 60 }), { minLength: 5, maxLength: 40 })
    .map((backs) =>
      Array.from({ length: partitions }, (_, partition) =>
        backs
          .filter((_, i) => i % partitions === partition)
          .map((back, offset): Event => ({ partition, offset, timeMs: 1000 + offset * 10 - (back > 50 ? back : back % 15) })),
      ),
    )

for (const waits of [false, true])
  for (const partitions of [1, 2])
    test(`${waits ? 'rows that wait for the watermark' : 'rows at once'}, ${partitions} partitions: each once, those of a key in order`, async () => {
      await fc.assert(
        fc.asyncProperty(logs(partitions), fc.array(step, { minLength: 20, maxLength: 80 }), async (log, steps) => {
          const { rows } = await play(log, waits, steps)
          const golden = (await play(log, waits, [])).rows
          const plain = (all: readonly string[]) => all.map((text) => text.replace(/,"_epoch":\d+/, ''))
          expect(plain(rows).toSorted()).toEqual(plain(golden).toSorted())
          if (partitions === 1) {
            const byKey = (all: readonly string[]) => Map.groupBy(plain(all), (text) => (JSON.parse(text) as { card: string }).card)
            if (!waits) expect(plain(rows)).toEqual(plain(golden))
            else for (const [key, own] of byKey(rows)) expect(own.length).toBe(byKey(golden).get(key)!.length)
          }
        }),
        { numRuns: 300 },
      )
    })

test('semantics 17: rows are seen when the checkpoint that covers them is complete, not before; those of one that failed come with the next', async () => {
  const fs = new MemoryFs()
  await fs.makeDirectory('/data')
  const target = new MemoryTarget()
  const log = [Array.from({ length: 10 }, (_, offset): Event => ({ partition: 0, offset, timeMs: offset }))]
  const job = await new ModelJob({ id: 1, run: 1, log, waits: false, fs, target }, null, 1).open()
  for (const [count, isComplete, seen] of [
    [3, false, 0],
    [2, true, 5],
    [5, false, 5],
  ] as const) {
    await job.read(0, count)
    await job.barrier()
    if (isComplete) await job.complete()
    job.forwarder.authorise(2 + count)
    await job.forwarder.settled()
    expect(target.rows.length).toBe(seen)
  }
})

test('rows of an archive go to the history alone', async () => {
  const fs = new MemoryFs()
  await fs.makeDirectory('/data')
  const target = new MemoryTarget()
  const log = [[{ partition: 0, offset: 0, timeMs: 1 }]]
  const { forwarder } = await new ModelJob({ id: 1, run: 1, log, waits: false, fs, target }, null, 1).open()
  await forwarder.write([rowOf({ partition: archivePartition(0), offset: 0, timeMs: 0 }), rowOf(log[0]![0]!)])
  forwarder.begin(1, { positions: { 0: 1, [archivePartition(0)]: 1 }, beforeMs: null })
  await forwarder.flush(1)
  forwarder.completed(1)
  await forwarder.settled()
  expect(target.rows.map((text) => (JSON.parse(text) as { card: string }).card)).toEqual(['p0-0'])
})

test('rows of a savepoint whose file is gone and which nobody has forwarded are an error, never a gap', async () => {
  const fs = new MemoryFs()
  await fs.makeDirectory('/data')
  const target = new MemoryTarget()
  const of = (id: number) => ({ id, run: id, log: [[{ partition: 0, offset: 0, timeMs: 1 }]], waits: false, fs, target })
  const first = await new ModelJob(of(1), null, null).open()
  await first.read(0, 1)
  await first.barrier()
  await first.complete()
  await fs.remove('/data/forward')
  await expect(new ModelJob(of(2), first.newest, null).open()).rejects.toThrow(ForwardLost)
})

test('a job without the say keeps rows until another one has forwarded them, then lets them go', async () => {
  const fs = new MemoryFs()
  await fs.makeDirectory('/data')
  const target = new MemoryTarget()
  const log = [Array.from({ length: 10 }, (_, offset): Event => ({ partition: 0, offset, timeMs: offset }))]
  const of = (id: number) => ({ id, run: id, log, waits: false, fs, target })
  const [first, second] = [await new ModelJob(of(1), null, 1).open(), await new ModelJob(of(2), null, null).open()]
  for (const job of [second, first]) {
    await job.read(0, 6)
    await job.barrier()
    await job.complete()
  }
  expect(second.forwarder.report()).toMatchObject({ epoch: null, waitingRows: 6, forwarded: 0 })
  await second.barrier()
  await second.complete()
  expect(second.forwarder.report()).toMatchObject({ waitingRows: 0, waitingBytes: 0 })
  expect(await fs.list('/data/forward/v/job-2')).toEqual([])
  expect(target.rows.length).toBe(6)
  // It takes over, and the first one has not been told.
  second.forwarder.authorise(2)
  await second.read(0, 2)
  await second.barrier()
  await second.complete()
  await first.read(0, 4)
  await first.barrier()
  await first.complete()
  expect(first.forwarder.report()).toMatchObject({ epoch: null, refused: 4, waitingRows: 4 })
  await second.finish()
  expect(target.rows.length).toBe(10)
  expect(second.forwarder.report()).toMatchObject({ epoch: 2, forwarded: 4, refused: 0, newest: { n: 10, positions: { 0: 10 } } })
})
