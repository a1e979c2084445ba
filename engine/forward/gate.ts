/**
 * The idempotence gate: of several jobs that come to an effect (a key's version) one performs it. Claim → perform → complete: a claim that
 * was made and not completed is given again, to the same job after a crash or to one that has taken over; a completed one never. For
 * targets that cannot keep effects single themselves; those that do not look at an idempotency key see an effect at least once.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import { Fenced } from '../sink/port.ts'
import { type Fence, isLower } from './port.ts'

export interface Gate {
  /** perform: it is this job's to perform, then to complete · done: it was performed. @throws Fenced where a higher fence has been here */
  claim(key: string, version: string, fence: Fence): Promise<'perform' | 'done'>
  /** @throws Fenced where another job has claimed it meanwhile */
  complete(key: string, version: string, fence: Fence): Promise<void>
  /** Effects that were performed and that nobody comes to any more. Claims that are not completed stay. */
  forgetDone(): Promise<void>
  close(): Promise<void>
}

/** abortable, committed at once, not waited for on the disk: an effect that a power cut makes forgotten is performed again */
const TRANSACTION = 1 | 2 | 0x10000

interface Claim {
  readonly fence: Fence
  readonly done: boolean
}

export function openGate(path: string): Gate {
  mkdirSync(path, { recursive: true })
  const env = open({ path, maxDbs: 2, noSubdir: false })
  const claims = env.openDB<Claim, string>('claims', { encoding: 'json' })
  const meta = env.openDB<Fence, string>('meta', { encoding: 'json' })

  function refuseBelow(fence: Fence): void {
    const highest = meta.get('fence') ?? [0, 0]
    if (isLower(fence, highest)) throw new Fenced(`Epoch ${fence.join('.')} may no longer act: the gate is at epoch ${highest.join('.')}.`)
    if (isLower(highest, fence)) meta.putSync('fence', fence)
  }

  return {
    async claim(key, version, fence) {
      return env.transactionSync(() => {
        refuseBelow(fence)
        const id = idOf(key, version)
        if (claims.get(id)?.done) return 'done'
        claims.putSync(id, { fence, done: false })
        return 'perform'
      }, TRANSACTION)
    },
    async complete(key, version, fence) {
      env.transactionSync(() => {
        refuseBelow(fence)
        claims.putSync(idOf(key, version), { fence, done: true })
      }, TRANSACTION)
    },
    async forgetDone() {
      env.transactionSync(() => {
        for (const { key, value } of claims.getRange()) if (value.done) claims.removeSync(key)
      }, TRANSACTION)
    },
    async close() {
      await env.flushed
      await env.close()
    },
  }
}

/** LMDB keys hold at most 1,978 bytes. */
function idOf(key: string, version: string): string {
  const id = JSON.stringify([key, version])
  return Buffer.byteLength(id) <= 1500 ? id : createHash('sha256').update(id).digest('hex')
}
