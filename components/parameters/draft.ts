/** The editor's draft of one parameter: from the kept value to fields, and back with what is wrong about it. Pure. */
import {
  type ByteUnit,
  checkNumber,
  type DurationUnit,
  editorKind,
  isRange,
  joinBytes,
  joinDuration,
  splitBytes,
  splitDuration,
} from './value.ts'

export type Draft =
  | { kind: 'boolean'; on: boolean }
  | { kind: 'choice' | 'text' | 'number' | 'instant'; text: string }
  | { kind: 'duration'; amount: string; unit: DurationUnit }
  | { kind: 'durationRange'; from: { amount: string; unit: DurationUnit }; to: { amount: string; unit: DurationUnit } }
  | { kind: 'bytes'; amount: string; unit: ByteUnit }

type Described = { type: string; bounds: { min?: unknown; max?: unknown; values?: readonly string[] | undefined } }
export type Problem = 'empty' | 'notANumber' | 'notWhole' | 'tooSmall' | 'tooLarge' | 'notAnInstant' | 'wrongOrder'

const durationFields = (ms: unknown) => {
  const { amount, unit } = splitDuration(typeof ms === 'number' ? ms : 0)
  return { amount: String(amount), unit }
}

export function toDraft({ type, bounds }: Described, value: unknown): Draft {
  const kind = editorKind(type, bounds.values)
  if (kind === 'boolean') return { kind, on: value === true }
  if (kind === 'duration') return { kind, ...durationFields(value) }
  if (kind === 'durationRange')
    return { kind, from: durationFields(isRange(value) ? value.fromMs : 0), to: durationFields(isRange(value) ? value.toMs : 0) }
  if (kind === 'bytes') {
    const { amount, unit } = splitBytes(typeof value === 'number' ? value : 0)
    return { kind, amount: String(amount), unit }
  }
  if (kind === 'instant') return { kind, text: typeof value === 'number' ? new Date(value).toISOString() : '' }
  return { kind, text: value === null || value === undefined ? '' : String(value) }
}

const number = (text: string) => (text.trim() === '' ? Number.NaN : Number(text))

/** The kept form to send, or what is wrong. */
export function fromDraft({ type, bounds }: Described, draft: Draft): { value: unknown } | { problem: Problem } {
  switch (draft.kind) {
    case 'boolean':
      return { value: draft.on }
    case 'choice':
    case 'text':
      return draft.text === '' ? { problem: 'empty' } : { value: draft.text }
    case 'instant': {
      const ms = Date.parse(draft.text.trim())
      return /(z|[+-]\d{2}:?\d{2})$/i.test(draft.text.trim()) && Number.isFinite(ms)
        ? (checkNumber(ms, 'instant', bounds) ?? { value: ms })
        : { problem: 'notAnInstant' }
    }
    case 'durationRange': {
      const fromMs = joinDuration(number(draft.from.amount), draft.from.unit)
      const toMs = joinDuration(number(draft.to.amount), draft.to.unit)
      const wrong = checkNumber(fromMs, 'duration', bounds) ?? checkNumber(toMs, 'duration', bounds)
      return wrong ?? (fromMs > toMs ? { problem: 'wrongOrder' } : { value: { fromMs, toMs } })
    }
    default: {
      const value =
        draft.kind === 'duration'
          ? joinDuration(number(draft.amount), draft.unit)
          : draft.kind === 'bytes'
            ? joinBytes(number(draft.amount), draft.unit)
            : number(draft.text)
      return checkNumber(value, type, bounds) ?? { value }
    }
  }
}
