import { expect, it } from 'vitest'
import { ReleaseState } from './http-api.ts'
import { endedStates, isEnded } from './release-machine.ts'
import { allowedActions } from './release-rules.ts'

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
  ...more,
})

it('nothing can be done to a release that has ended', () => {
  for (const state of endedStates) expect(allowedActions(at(state))).toEqual([])
})

it('there is an abort before the cutover and none from it on', () => {
  const order = ['QUEUED', 'CHECKED', 'SAVEPOINTING', 'STARTING', 'CATCHING_UP', 'READY'] as const
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
  expect(enabled(at('SOAKING', { job1: null }))).toEqual(['finish'])
  expect(allowedActions(at('SOAKING', { job1: { id: 7, runs: false } }))[0]).toEqual({
    action: 'rollback',
    enabled: false,
    why: 'Job 7 is no longer running: release its version again instead.',
  })
})

it('what has been asked for is not asked for twice', () => {
  for (const state of ReleaseState.options.filter((one) => !isEnded(one)))
    expect(enabled(at(state, { pending: 'abort', mode: 'gated' }))).toEqual([])
})
