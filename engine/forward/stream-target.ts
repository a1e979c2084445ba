/**
 * An embedded stream as a target: rows, how far they reach and who may write stand in the log's own environment and change in one
 * transaction of it, so that a reader of the log sees all rows of a checkpoint or none. The log is written by the authoritative job's
 * process; the engine only looks at it and removes what is old (`fed` in source/embedded-log.ts).
 */
import { openLogPartition, partitionDir } from '../source/embedded-log.ts'
import { batchesOf } from '../source/record-batch.ts'
import { Fenced } from '../sink/port.ts'
import { withEpoch } from './forwarded-row.ts'
import {
  type Appended,
  type Fence,
  type ForwardTarget,
  type ForwardTransaction,
  isCovered,
  isLower,
  numberedAs,
  type Reach,
} from './port.ts'
import { beyond, partsOf } from './staged-rows.ts'

/** abortable, committed at once, flushed to disk afterwards */
const TRANSACTION = 1 | 2 | 0x10000
/** encoded in a turn: a few milliseconds */
const ROWS_PER_TURN = 2000

/** What stands in the log beside its records. */
interface Standing {
  readonly reached: Reach | null
  readonly fence: Fence
  readonly end: number
  readonly bytes: number
}

export function openStreamTarget(at: { dataDir: string; stream: string; now: () => number }): ForwardTarget {
  const { env, records, meta } = openLogPartition(partitionDir(at.dataDir, at.stream, 0))
  const facts = env.openDB<unknown, string>('forward', { encoding: 'json' })

  const standing = (): Standing => ({
    reached: (facts.get('reached') as Reach | undefined) ?? null,
    fence: (facts.get('fence') as Fence | undefined) ?? [0, 0],
    end: meta.get('end') ?? 0,
    bytes: meta.get('bytes') ?? 0,
  })

  function refuseBelow(stored: Fence, fence: Fence): void {
    if (isLower(fence, stored))
      throw new Fenced(`Epoch ${fence.join('.')} may no longer forward into the stream ${at.stream}: it is at epoch ${stored.join('.')}.`)
  }

  /** Null: something has changed meanwhile, look again. */
  function commit(seen: Standing, { upTo, fence }: ForwardTransaction, { batches, rows }: Encoded): boolean {
    return env.transactionSync(() => {
      const now = standing()
      refuseBelow(now.fence, fence)
      if (now.end !== seen.end || JSON.stringify(now.reached) !== JSON.stringify(seen.reached)) return false
      let bytes = now.bytes
      for (const { batch, baseOffset } of batches) {
        records.putSync(baseOffset, batch)
        bytes += batch.length
      }
      meta.putSync('end', seen.end + rows)
      meta.putSync('bytes', bytes)
      facts.putSync('reached', upTo)
      facts.putSync('fence', fence)
      return true
    }, TRANSACTION)
  }

  return {
    name: at.stream,
    async reached() {
      env.resetReadTxn()
      return standing().reached
    },
    async take(fence) {
      env.transactionSync(() => {
        refuseBelow(standing().fence, fence)
        facts.putSync('fence', fence)
      }, TRANSACTION)
      await env.flushed
    },
    async append(transaction): Promise<Appended> {
      for (;;) {
        env.resetReadTxn()
        const seen = standing()
        refuseBelow(seen.fence, transaction.fence)
        const reached = numberedAs(seen.reached, transaction.upTo.streams)
        if (isCovered(transaction.upTo, reached)) return { rows: 0, skipped: 0 }
        const encoded = await encode(transaction, reached, seen.end, at.now())
        if (!commit(seen, transaction, encoded)) continue
        await env.flushed
        return { rows: encoded.rows, skipped: encoded.skipped }
      }
    },
    close: () => env.close(),
  }
}

interface Encoded extends Appended {
  readonly batches: readonly { readonly batch: Buffer; readonly baseOffset: number }[]
}

/** A part at a time, with whatever else the process does in between. */
async function encode({ chunks, fence }: ForwardTransaction, reached: Reach | null, end: number, appendTimeMs: number): Promise<Encoded> {
  const suffix = Buffer.from(withEpoch(fence[0]))
  const batches: Encoded['batches'][number][] = []
  let rows = 0
  let skipped = 0
  for (const part of chunks.flatMap((chunk) => [...partsOf(chunk, ROWS_PER_TURN)])) {
    const taken: Uint8Array[] = []
    skipped += beyond(part, reached, (json) => taken.push(json, suffix))
    const [start, stop] = [new Int32Array(taken.length / 2), new Int32Array(taken.length / 2)]
    let at = 0
    for (let i = 0; i < start.length; i++) {
      start[i] = at
      at += taken[2 * i]!.length + suffix.length
      stop[i] = at
    }
    const events = { data: Buffer.concat(taken, at), start, end: stop, count: start.length }
    batches.push(...batchesOf(end + rows, appendTimeMs, events))
    rows += events.count
    await new Promise(setImmediate)
  }
  return { batches, rows, skipped }
}
