/**
 * What is counted and told about a view's features in TypeScript: calls, throws, the newest failures and lines, which are disabled. It is
 * operator state: counts stay with one subtask each, failures are split, what one subtask disabled is disabled on all.
 */
import type { CodeFeatureReport, DeadLetterReport } from '../../contract/job-ipc.ts'
import { itemsOf, type OperatorPieces } from '../state/operator-state.ts'
import { countForRate, type DeadLetterRate } from '../task/dead-letter-rate.ts'

/** A feature whose calls throw more often than this is disabled, once at least 100 were made. */
export const THROW_RATE_LIMIT = 0.5
const KEPT_FAILURES = 20
const KEPT_LINES = 20
const RAW_CHARACTERS = 4096

export interface Failure {
  readonly feature: string
  readonly message: string
  readonly atMs: number
  readonly partition: number
  readonly offset: number
}

/** Whom the call was for, and with what. */
export interface FailedCall {
  /** of the feature */
  readonly file: string
  readonly key: string
  readonly partition: number
  readonly offset: number
  readonly atMs: number
  readonly given: Given
}
/** The event or the timer that it was called with. */
export type Given = { readonly event: unknown } | { readonly timer: unknown }

interface Counts {
  calls: number
  throws: number
  rate: DeadLetterRate
}
interface Disabled {
  readonly name: string
  readonly why: string
}

const newCounts = (): Counts => ({ calls: 0, throws: 0, rate: { refused: 0, total: 0 } })

export class CodeReport {
  readonly #hashes: Readonly<Record<string, string>>
  readonly #counts: Record<string, Counts> = {}
  readonly #disabled = new Map<string, string>()
  /** began empty in a job that went on from a snapshot: the snapshot's state was of other code */
  readonly #fresh = new Set<string>()
  #failures: Failure[] = []
  #lines: { feature: string; line: string }[] = []
  #deadLetters: DeadLetterReport[] = []

  constructor(hashes: Readonly<Record<string, string>>) {
    this.#hashes = hashes
    for (const name of Object.keys(hashes)) this.#counts[name] = newCounts()
  }

  worked(name: string): void {
    const counts = this.#counts[name]!
    counts.calls++
    countForRate(counts.rate, false, THROW_RATE_LIMIT)
  }

  /** False: it throws too often to go on. */
  threw(name: string, error: unknown, call: FailedCall): boolean {
    const counts = this.#counts[name]!
    counts.calls++
    counts.throws++
    const { file, key, partition, offset, atMs, given } = call
    const text = messageOf(error, file)
    this.#failures = [{ feature: name, message: text, atMs, partition, offset }, ...this.#failures].slice(0, KEPT_FAILURES)
    this.#deadLetters.push({
      partition,
      offset,
      code: `${'timer' in given ? 'code_timer' : 'code_feature'}:${name}`,
      message: `${name}: ${text}`,
      raw: JSON.stringify({ key: JSON.parse(key) as unknown, ...given }).slice(0, RAW_CHARACTERS),
    })
    return countForRate(counts.rate, true, THROW_RATE_LIMIT)
  }

  log(feature: string, line: string): void {
    this.#lines = [{ feature, line }, ...this.#lines].slice(0, KEPT_LINES)
  }

  disable(name: string, why: string): void {
    if (!this.#disabled.has(name)) this.#disabled.set(name, why)
  }

  takeDeadLetters(): DeadLetterReport[] {
    const taken = this.#deadLetters
    this.#deadLetters = []
    return taken
  }

  /** For the job's page. */
  features(): CodeFeatureReport[] {
    return Object.entries(this.#hashes).map(([name, hash]) => ({
      name,
      hash,
      calls: this.#counts[name]!.calls,
      throws: this.#counts[name]!.throws,
      disabled: this.#disabled.get(name) ?? null,
      fresh: this.#fresh.has(name),
      lastError: this.#failures.find(({ feature }) => feature === name)?.message ?? null,
      log: this.#lines.filter(({ feature }) => feature === name).map(({ line }) => line),
    }))
  }

  snapshot(): OperatorPieces {
    return {
      counts: { kind: 'value', items: [this.#counts] },
      failures: { kind: 'list', items: this.#failures },
      disabled: { kind: 'union', items: [...this.#disabled].map(([name, why]): Disabled => ({ name, why })) },
      hashes: { kind: 'broadcast', items: [this.#hashes] },
    }
  }

  /** What this subtask was given of a snapshot. Answers what is disabled from now on. */
  restore(pieces: OperatorPieces, forgive: boolean): readonly string[] {
    for (const counts of itemsOf<Record<string, Counts>>(pieces, 'counts'))
      for (const [name, own] of Object.entries(this.#counts)) {
        const more = counts[name]
        if (!more) continue
        own.calls += more.calls
        own.throws += more.throws
        own.rate.refused += more.rate.refused
        own.rate.total += more.rate.total
      }
    this.#failures = [...itemsOf<Failure>(pieces, 'failures')].filter(({ feature }) => feature in this.#hashes).slice(0, KEPT_FAILURES)
    const [written] = itemsOf<Record<string, string>>(pieces, 'hashes')
    for (const [name, hash] of Object.entries(this.#hashes)) if (written && written[name] !== hash) this.#fresh.add(name)
    const known = itemsOf<Disabled>(pieces, 'disabled').filter(({ name }) => name in this.#hashes && !this.#fresh.has(name))
    const disabled = forgive ? [] : known
    if (forgive)
      for (const { name } of known) {
        this.#fresh.add(name)
        this.#counts[name]!.rate = { refused: 0, total: 0 }
      }
    for (const { name, why } of disabled) this.disable(name, why)
    return disabled.map(({ name }) => name)
  }
}

/** Its message, with the line of the feature's file that it comes from. */
function messageOf(error: unknown, file: string): string {
  const { message, stack } = (typeof error === 'object' && error !== null ? error : { message: error }) as {
    message?: unknown
    stack?: unknown
  }
  const [, line] = String(stack).split(`${file}:`)
  return `${String(message).slice(0, 500)}${line ? ` (line ${Number.parseInt(line, 10)})` : ''}`
}
