import { describe, expect, it } from 'vitest'
import { defaultOf, describeParameter, isParameterKey, PARAMETER_KEYS, readParameter } from '../../definition/parameters.ts'
import { fromDraft, toDraft } from './draft.ts'

describe('the editor of a parameter', () => {
  it('gives every default of the registry back as it was, in a form that the registry takes', () => {
    for (const key of PARAMETER_KEYS) {
      const value = defaultOf(key, 'arrival')
      if (value === null) continue
      const described = describeParameter(key)
      const back = fromDraft(described, toDraft(described, value))
      expect(back, key).toEqual({ value })
      expect('value' in back && readParameter(key, back.value), key).toEqual({ ok: true, value })
    }
  })
  it('says what is wrong before it is sent', () => {
    const of = (key: string) => {
      if (!isParameterKey(key)) throw new Error(key)
      return describeParameter(key)
    }
    expect(fromDraft(of('parallelism'), { kind: 'number', text: '' })).toEqual({ problem: 'notANumber' })
    expect(fromDraft(of('parallelism'), { kind: 'number', text: '1.5' })).toEqual({ problem: 'notWhole' })
    expect(fromDraft(of('parallelism'), { kind: 'number', text: '0' })).toEqual({ problem: 'tooSmall' })
    expect(fromDraft(of('deadLetterRateLimit'), { kind: 'number', text: '1.5' })).toEqual({ problem: 'tooLarge' })
    expect(fromDraft(of('historyEventTime'), { kind: 'instant', text: '2001-04-03' })).toEqual({ problem: 'notAnInstant' })
    expect(fromDraft(of('historyEventTime'), { kind: 'instant', text: '2001-04-03T00:00:00Z' })).toEqual({ value: Date.UTC(2001, 3, 3) })
    const second = { amount: '1', unit: 'seconds' as const }
    expect(fromDraft(of('restartBackoff'), { kind: 'durationRange', from: { amount: '1', unit: 'minutes' }, to: second })).toEqual({
      problem: 'wrongOrder',
    })
  })
})
