/**
 * A read is a question at an instant (DESIGN §5.8): windows cover [evaluatedAt − w, evaluatedAt] on the view's read clock. While
 * the job catches up with what it had stored before a restart, the store answers: never a step back. For the same reason nothing is
 * shown that the store could not show again after a crash: rows still on their way to it are stored first.
 */
import { EvenflowError } from '../../contract/errors.ts'
import { fallsWithTime, ignoresFrame } from '../../definition/functions.ts'
import type { FeatureRow } from '../../contract/engine-api.ts'
import { earliestWhole, frameStart } from '../plan/frame.ts'
import type { Plan } from '../plan/plan.ts'
import type { OnlineReader, Sink, StoredOnlineRow } from '../sink/port.ts'
import { keyGroupOf } from '../state/hash.ts'
import type { KeyReading } from '../state/operator.ts'
import type { KeyAnswer } from '../task/key-question.ts'
import type { Coverage } from '../task/source-task.ts'
import { type KeyField, keyFromText, keyTextFrom } from './keys.ts'
import { named, storedFeatures } from './stored-row.ts'

export interface ReadContext {
  readonly plan: Plan
  readonly keyFields: readonly KeyField[]
  /** The keys' owners, each at one instant of its own. */
  ask(keys: readonly KeyInGroup[]): KeyAnswer[] | Promise<KeyAnswer[]>
  coverage(): Coverage
  catchingUp(): boolean
  /** a key is forgotten so long after its newest event; null: never */
  readonly ttlMs: number | null
  readonly store: (Sink & OnlineReader) | null
}

export interface KeyInGroup {
  readonly key: string
  readonly group: number
}

/** Rows in the order of the keys. @throws EvenflowError bad_request, gone */
export async function answerRead(
  context: ReadContext,
  keys: readonly Record<string, unknown>[],
  atMs: number | null,
): Promise<FeatureRow[]> {
  const catchingUp = context.catchingUp()
  const texts = keys.map((asked) => keyTextFrom(asked, context.keyFields))
  const asking = context.ask(texts.map((key) => ({ key, group: keyGroupOf(key) })))
  const answers = asking instanceof Promise ? await asking : asking
  const rows: FeatureRow[] = []
  for (const [i, key] of texts.entries()) {
    const answer = answers[i]!
    const storing = answer.onItsWay ? context.store?.write([answer.onItsWay]) : undefined
    if (storing) await storing
    const stored = catchingUp && atMs === null ? ((await context.store?.get(key)) ?? null) : null
    rows.push(rowOf(context, key, answer, stored, catchingUp))
  }
  if (atMs === null) await context.store?.commit(texts)
  return rows
}

function rowOf(context: ReadContext, key: string, answer: KeyAnswer, stored: StoredOnlineRow | null, catchingUp: boolean): FeatureRow {
  const { evaluatedAtMs, readableFromMs: fromMs, reading } = answer
  if (!reading) {
    throw new EvenflowError(
      'gone',
      `The rows needed for ${iso(evaluatedAtMs)} are no longer kept; ${iso(fromMs)} is the earliest moment that can be answered.`,
      {
        hint: `Ask for ${iso(fromMs)} or later, or read the history.`,
        details: { earliestMs: fromMs },
      },
    )
  }
  const isForgotten = stored !== null && context.ttlMs !== null && evaluatedAtMs > stored.version[0] + context.ttlMs
  if (stored && !isForgotten) return storedRow(context, key, evaluatedAtMs, stored)
  return {
    key: keyFromText(key, context.keyFields),
    status: reading.status,
    features: named(
      context.plan.features.map(({ name }) => name),
      reading.values,
    ),
    asOf: reading.asOfMs === null ? null : iso(reading.asOfMs),
    evaluatedAt: iso(evaluatedAtMs),
    ageMs: reading.asOfMs === null ? null : evaluatedAtMs - reading.asOfMs,
    version: reading.version && [...reading.version],
    ...(reading.window !== undefined && { window: reading.window }),
    ...completeness(context, evaluatedAtMs, reading),
    ...(reading.problems && { problems: reading.problems.map(problemCode) }),
    ...(catchingUp && { catchingUp }),
  }
}

function storedRow(context: ReadContext, key: string, evaluatedAtMs: number, stored: StoredOnlineRow): FeatureRow {
  const { features, windows, group, aggregates, code } = context.plan
  const view = {
    features: features.map(({ name }) => name),
    hasLifetimeWindow: (context.ttlMs === null && windows.some(({ start }) => start === 'unbounded')) || code.length > 0,
    falls: !group && aggregates.some(({ expr }) => fallsWithTime(expr.fn)),
    isGroup: group !== null,
  }
  const { momentMs, ...row } = storedFeatures(view, stored, evaluatedAtMs)
  return { key: keyFromText(key, context.keyFields), ...row, ...completeness(context, momentMs, stored) }
}

/** A window that counts rows is also filled when it has them all. */
function isComplete(context: ReadContext, atMs: number, { window, fullWindows }: Pick<KeyReading, 'window' | 'fullWindows'>): boolean {
  const { whole, fromMs } = context.coverage()
  if (whole) return true
  if (context.plan.group) return fromMs !== null && !!window && window.startMs >= fromMs
  if (context.plan.code.length > 0) return false // a feature in TypeScript may keep something of every event
  if (context.plan.aggregates.some(({ expr }) => ignoresFrame(expr.fn))) return false // it may look at any earlier event
  if (fromMs === null) return false
  return context.plan.windows.every((window, w) => frameStart(window, atMs) >= fromMs || fullWindows?.[w] === true)
}

/** `warmingUntil`: when the windows are filled by what has come since the job's start. */
function completeness(
  context: ReadContext,
  atMs: number,
  reading: Pick<KeyReading, 'window' | 'fullWindows'>,
): Pick<FeatureRow, 'complete' | 'warmingUntil'> {
  if (isComplete(context, atMs, reading)) return { complete: true }
  const { plan } = context
  const { fromMs } = context.coverage()
  const fillsByTime = !plan.group && plan.windows.every(({ start, rows }) => start !== 'unbounded' && !rows)
  const isBounded = fillsByTime && plan.code.length === 0 && !plan.aggregates.some(({ expr }) => ignoresFrame(expr.fn))
  return { complete: false, warmingUntil: isBounded && fromMs !== null ? iso(earliestWhole(plan, fromMs)) : null }
}

/** overflow → OVERFLOW, divisionByZero → DIVISION_BY_ZERO */
const problemCode = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() as NonNullable<FeatureRow['problems']>[number]

/** Also for instants beyond what Date can write: clamped. */
const iso = (ms: number) => new Date(Math.max(-8.64e15, Math.min(8.64e15, ms))).toISOString()
