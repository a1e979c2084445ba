import { expect, it } from 'vitest'
import { ReleaseState } from './http-api.ts'
import { endedStates, isEnded } from './release-machine.ts'
import { allowedActions, waitsFor } from './release-rules.ts'
import { told } from './release-words.ts'

const enabled = (situation: Parameters<typeof allowedActions>[0]) =>
  allowedActions(situation)
    .filter((one) => one.enabled)
    .map((one) => one.action)
const at = (state: ReleaseState, more: object = {}) => ({
  kind: 'rescale',
  state,
  mode: 'automatic' as const,
  job1: { id: 7, runs: true },
  pending: null,
  approval: null,
  askedByMe: null,
  opensAtMs: null,
  comparison: 'none' as const,
  ...more,
})

it('nothing can be done to a release that has ended', () => {
  for (const state of endedStates) expect(allowedActions(at(state))).toEqual([])
})

it('there is an abort before the cutover and none from it on', () => {
  const order = ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'STARTING', 'CATCHING_UP', 'COMPARING', 'READY'] as const
  for (const state of order) expect(enabled(at(state))).toContain('abort')
  for (const state of ['CUTTING_OVER', 'SOAKING'] as const) expect(enabled(at(state))).not.toContain('abort')
})

it('cutting over by hand is offered for gated releases, enabled once the gates hold, and says why before', () => {
  expect(enabled(at('READY', { mode: 'gated' }))).toEqual(['cutover', 'abort'])
  expect(allowedActions(at('CATCHING_UP', { mode: 'gated' }))[0]).toEqual({
    action: 'cutover',
    enabled: false,
    why: 'The new job has not held all gates yet.',
    told: told('why_gates'),
  })
  expect(enabled(at('READY'))).toEqual(['abort'])
})

it('says that values differ for as long as nobody has decided', () => {
  const waits = (comparison: 'none' | 'failing' | 'equal' | 'differs', pending: string | null) =>
    waitsFor(at('COMPARING', { comparison, pending }))?.code
  expect([waits('differs', null), waits('differs', 'overrule')]).toEqual(['waits_differing', undefined])
  for (const comparison of ['none', 'failing', 'equal'] as const) expect(waits(comparison, null)).toBeUndefined()
})

it('overruling is offered where values differ or could not be compared, and nowhere else', () => {
  for (const state of ReleaseState.options)
    for (const comparison of ['none', 'failing', 'equal', 'differs'] as const)
      expect(enabled(at(state, { comparison })).includes('overrule')).toBe(
        state === 'COMPARING' && (comparison === 'failing' || comparison === 'differs'),
      )
  expect(allowedActions(at('COMPARING'))).toContainEqual({
    action: 'overrule',
    enabled: false,
    why: 'The values are still being compared.',
    told: told('why_comparing'),
  })
})

it('a rollback is offered while there is a job to go back to', () => {
  expect(enabled(at('SOAKING'))).toEqual(['rollback', 'finish'])
  expect(enabled(at('SOAKING', { job1: null }))).toEqual(['finish'])
  expect(allowedActions(at('SOAKING', { job1: { id: 7, runs: false } }))[0]).toEqual({
    action: 'rollback',
    enabled: false,
    why: 'Job 7 is no longer running: release its version again instead.',
    told: told('why_job_gone', { job: 7 }),
  })
})

it('what has been asked for is not asked for twice', () => {
  for (const state of ReleaseState.options.filter((one) => !isEnded(one)))
    expect(enabled(at(state, { pending: 'abort', mode: 'gated' }))).toEqual([])
})

const BEFORE = ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'BACKFILLING', 'STARTING', 'CATCHING_UP', 'READY'] as const
const needed = { kind: 'new_features', approval: { by: null } }
const OPENS = { opensAtMs: Date.UTC(2026, 0, 1, 9) }
const whyOf = (action: string, situation: Parameters<typeof allowedActions>[0]) =>
  allowedActions(situation).find((one) => one.action === action)?.told?.code

it('an approval is asked for at any step before the cutover, once, and never of the person who asked for the release', () => {
  for (const state of BEFORE) {
    expect(enabled(at(state, needed))).toContain('approve')
    expect(whyOf('approve', at(state, { ...needed, askedByMe: 'me' }))).toBe('why_requester')
    expect(enabled(at(state, { ...needed, approval: { by: 'ada' } }))).not.toContain('approve')
    expect(enabled(at(state, { ...needed, approval: null }))).not.toContain('approve')
  }
  for (const state of ['CUTTING_OVER', 'SOAKING', ...endedStates] as const) expect(whyOf('approve', at(state, needed))).toBeUndefined()
})

it.each([
  // mode, approval needed and given, hours open → may cut over by hand, what it waits for
  ['gated', null, null, true, 'waits_cutover'],
  ['gated', { by: null }, null, 'why_approval', 'waits_approval'],
  ['gated', { by: 'ada' }, null, true, 'waits_cutover'],
  ['gated', null, OPENS.opensAtMs, 'why_hours', 'waits_hours'],
  ['gated', { by: null }, OPENS.opensAtMs, 'why_approval', 'waits_approval'],
  ['gated', { by: 'ada' }, OPENS.opensAtMs, 'why_hours', 'waits_hours'],
  ['automatic', null, null, undefined, undefined],
  ['automatic', { by: null }, null, undefined, 'waits_approval'],
  ['automatic', { by: 'ada' }, OPENS.opensAtMs, undefined, 'waits_hours'],
] as const)('ready, %s, approval %j, hours from %j: cutover %s, waits for %s', (mode, approval, opensAtMs, cutover, waits) => {
  const situation = at('READY', { mode, approval, opensAtMs })
  const offered = allowedActions(situation).find(({ action }) => action === 'cutover')
  expect(offered?.enabled ? true : offered?.told?.code).toBe(cutover)
  expect(waitsFor(situation)?.code).toBe(waits)
})

it('says until when it waits, and only of a release that is ready', () => {
  expect(waitsFor(at('READY', OPENS))?.text).toContain('they begin at 2026-01-01T09:00:00.000Z')
  for (const state of ReleaseState.options.filter((one) => one !== 'READY'))
    expect(waitsFor(at(state, { ...needed, ...OPENS, mode: 'gated' }))).toBeNull()
})

it('a cutover that was asked for is waited for no longer, a roll back asks for neither approval nor hours', () => {
  expect(waitsFor(at('READY', { mode: 'gated', pending: 'cutover' }))).toBeNull()
  expect(enabled(at('SOAKING', { ...needed, ...OPENS }))).toEqual(['rollback', 'finish'])
})
