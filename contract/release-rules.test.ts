import { expect, it } from 'vitest'
import { ReleaseState } from './http-api.ts'
import { allowedActions, endedStates, isEnded, stepsOfKind } from './release-rules.ts'

const enabled = (situation: Parameters<typeof allowedActions>[0]) =>
  allowedActions(situation)
    .filter((one) => one.enabled)
    .map((one) => one.action)
const at = (state: ReleaseState, more: object = {}) => ({ state, mode: 'automatic' as const, replacesAJob: true, pending: null, ...more })

it('nothing can be done to a release that has ended', () => {
  for (const state of endedStates) expect(allowedActions(at(state))).toEqual([])
})

it('there is an abort before the cutover and none from it on', () => {
  const order = ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'BACKFILLING', 'STARTING', 'CATCHING_UP', 'COMPARING', 'READY'] as const
  for (const state of order) expect(enabled(at(state))).toContain('abort')
  for (const state of ['CUTTING_OVER', 'SOAKING'] as const) expect(enabled(at(state))).not.toContain('abort')
})

it('cutting over by hand is offered for gated releases, enabled once the gates hold, and says why before', () => {
  expect(enabled(at('READY', { mode: 'gated' }))).toEqual(['cutover', 'abort'])
  expect(allowedActions(at('CATCHING_UP', { mode: 'gated' }))[0]).toEqual({
    action: 'cutover',
    enabled: false,
    why: 'The new job has not held all gates yet.',
  })
  expect(enabled(at('READY'))).toEqual(['abort'])
})

it('a rollback is offered while there is a job to go back to', () => {
  expect(enabled(at('SOAKING'))).toEqual(['rollback', 'finish'])
  expect(enabled(at('SOAKING', { replacesAJob: false }))).toEqual(['finish'])
})

it('what has been asked for is not asked for twice', () => {
  for (const state of ReleaseState.options.filter((one) => !isEnded(one)))
    expect(enabled(at(state, { pending: 'abort', mode: 'gated' }))).toEqual([])
})

it('every kind begins QUEUED and ends DONE, in the order of the states', () => {
  for (const kind of ['new_job', 'new_features', 'rescale']) {
    const steps = stepsOfKind(kind)
    expect([steps[0], steps.at(-1)]).toEqual(['QUEUED', 'DONE'])
    const ranks = steps.map((step) => ReleaseState.options.indexOf(step))
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
  }
})
