/**
 * A webhook as a target: each row is an HTTP POST of its own, those of a key one after the other. It can neither take rows together nor
 * tell twice from once, so the gate stands before it, and each request names its effect in `Idempotency-Key`: at least once, and once for
 * a receiver that looks at the name. A request that fails is tried again, with back-off, for as long as it takes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { Fenced } from '../sink/port.ts'
import { keyGroupOf } from '../state/hash.ts'
import { withEpoch } from './forwarded-row.ts'
import { openGate } from './gate.ts'
import { type Fence, type ForwardTarget, isCovered, isLower, numberedAs, type Reach } from './port.ts'
import { beyond } from './staged-rows.ts'

/** requests under way at a time, each for other keys */
const LANES = 16
const ANSWER_WITHIN_MS = 10_000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 30_000

export interface WebhookAt {
  readonly dataDir: string
  readonly view: string
  readonly url: string
  readonly keyFields: readonly string[]
}

interface Effect {
  readonly key: string
  /** asOf and n, as in the online store */
  readonly version: string
  readonly body: string
}

export function openWebhookTarget({ dataDir, view, url, keyFields }: WebhookAt): ForwardTarget {
  const directory = join(dataDir, 'forward', view, `webhook-${createHash('sha256').update(url).digest('hex').slice(0, 16)}`)
  mkdirSync(directory, { recursive: true })
  const gate = openGate(join(directory, 'gate'))
  const facts = open<unknown, string>({ path: join(directory, 'facts'), noSubdir: false, encoding: 'json' })
  const closing = new AbortController()
  let trouble: string | null = null
  let calling: Promise<unknown> = Promise.resolve()

  const reachedNow = () => (facts.get('reached') as Reach | undefined) ?? null

  function take(fence: Fence): void {
    facts.transactionSync(() => {
      const highest = (facts.get('fence') as Fence | undefined) ?? [0, 0]
      if (isLower(fence, highest)) throw new Fenced(`Epoch ${fence.join('.')} may no longer call ${url}: epoch ${highest.join('.')} does.`)
      facts.putSync('fence', fence)
    }, 1 | 2)
  }

  async function perform({ key, version, body }: Effect, fence: Fence): Promise<boolean> {
    if ((await gate.claim(key, version, fence)) === 'done') return false
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      closing.signal.throwIfAborted()
      const refused = await post(url, `${encodeURIComponent(`${view}/${key}`)}/${version}`, body, closing.signal)
      trouble = refused
      if (refused === null) break
      await pause(pauseMs, closing.signal)
      take(fence) // whoever has taken over meanwhile is the one to try on
    }
    await gate.complete(key, version, fence)
    return true
  }

  return {
    name: url,
    takesTime: true,
    trouble: () => trouble,
    reached: async () => reachedNow(),
    take: async (fence) => take(fence),
    async append({ chunks, upTo, fence }) {
      take(fence)
      const reached = numberedAs(reachedNow(), upTo.streams)
      if (isCovered(upTo, reached)) return { rows: 0, skipped: 0 }
      const lanes = Array.from({ length: LANES }, (): Effect[] => [])
      let skipped = 0
      for (const chunk of chunks)
        skipped += beyond(chunk, reached, (json) => {
          const effect = effectOf(Buffer.from(json).toString() + withEpoch(fence[0]), keyFields)
          lanes[keyGroupOf(effect.key) % LANES]!.push(effect)
        })
      let rows = 0
      const work = Promise.allSettled(
        lanes.map(async (lane) => {
          for (const effect of lane)
            if (await perform(effect, fence)) rows++
            else skipped++
        }),
      )
      calling = work
      for (const lane of await work) if (lane.status === 'rejected') throw lane.reason
      facts.transactionSync(() => facts.putSync('reached', upTo), 1 | 2)
      await gate.forgetDone()
      return { rows, skipped }
    },
    async close() {
      closing.abort(new Error('the job ends'))
      await calling
      await gate.close()
      await facts.close()
    },
  }
}

function effectOf(body: string, keyFields: readonly string[]): Effect {
  const row = JSON.parse(body) as Record<string, unknown>
  return { key: JSON.stringify(keyFields.map((name) => row[name])), version: `${row._as_of}.${row._n}`, body }
}

/** Null: it was taken. Else why not. */
async function post(url: string, idempotencyKey: string, body: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    })
    await answer.body?.cancel()
    return answer.ok ? null : `${url} answered with status ${answer.status}`
  } catch (error) {
    const { message, cause } = error as Error
    return `${url} did not answer: ${cause instanceof Error ? cause.message : message}`
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
