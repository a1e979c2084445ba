import { expect, it } from 'vitest'
import type { Comparison } from '../../contract/comparison.ts'
import { followedSteps } from './followed-steps.ts'

const jobs = { job1: 1, job2: null, backfill: 2, authoritative: 1 }
const step = (state: 'QUEUED' | 'CHECKED' | 'SAVEPOINTING' | 'BACKFILLING', startedAtMs: number | null) => ({
  state,
  startedAtMs,
  endedAtMs: null,
})
const progress = { step: 'BACKFILLING', positionRead: 350, positionEnd: 1000, eventsPerSecond: 99.6, secondsLeft: 6.5 }

it('prints each step once and in order, also the ones between two polls', () => {
  const follow = followedSteps('QUEUED')
  const steps = [step('QUEUED', 1), step('CHECKED', 2), step('SAVEPOINTING', 3), step('BACKFILLING', null)]
  expect(follow({ steps, progress: null, jobs, comparison: null })).toEqual(['CHECKED', 'SAVEPOINTING'])
  expect(follow({ steps, progress: null, jobs, comparison: null })).toEqual([])
})
it('tells a backfill by tenths, and says what it does not know', () => {
  const follow = followedSteps('BACKFILLING')
  expect(follow({ steps: [], progress, jobs, comparison: null })).toEqual(['  job 2: 350 of 1000 events, 100 events/s, 7 s left'])
  expect(follow({ steps: [], progress: { ...progress, positionRead: 399 }, jobs, comparison: null })).toEqual([])
  expect(
    follow({ steps: [], progress: { ...progress, positionRead: 400, eventsPerSecond: null, secondsLeft: null }, jobs, comparison: null }),
  ).toEqual(['  job 2: 400 of 1000 events, rate unknown, time left unknown'])
})
it('is silent about the reading of the new job itself', () => {
  const { step: _step, ...reading } = progress
  expect(followedSteps('CATCHING_UP')({ steps: [], progress: reading, jobs, comparison: null })).toEqual([])
})
it('says once what was compared, and how far the features that hold the release are off', () => {
  const follow = followedSteps('COMPARING')
  const feature = { role: 'kept', against: 'running_job', keys: 300, missing: 0, extra: 3, smapePercent: 1, examples: [] } as const
  const comparison = {
    attempt: 1,
    outcome: 'differs',
    blocking: ['spent'],
    keys: 300,
    sampledKeys: 0,
    features: [
      { ...feature, feature: 'spent', differing: 1 },
      { ...feature, feature: 'n', differing: 0, extra: 0 },
    ],
  } as unknown as Comparison
  const lines = follow({ steps: [], progress: null, jobs, comparison })
  expect(lines).toEqual([
    '  300 keys compared, 0 of new features recomputed: the values differ',
    '  spent: 0.33 % differ, 0 % missing, 1 % too many',
  ])
  expect(follow({ steps: [], progress: null, jobs, comparison })).toEqual([])
})
