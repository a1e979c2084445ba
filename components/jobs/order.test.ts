import { describe, expect, it } from 'vitest'
import type { Job } from '../../contract/http-api.ts'
import { attention, matchesJobFilter, parseFilter, parseSort, sortJobs } from './order.ts'

const job = (id: number, more: Partial<Job>): Job => ({
  id,
  view: 'v',
  version: 1,
  releaseId: null,
  desired: 'RUNNING',
  observed: 'RUNNING',
  observedAtMs: null,
  reason: null,
  authoritative: false,
  parallelism: 1,
  pid: null,
  run: 1,
  restarts: 0,
  epoch: 1,
  lagRecords: null,
  maxEventTimeMs: null,
  watermarkMs: null,
  eventsPerSecond: null,
  stateBytes: null,
  metrics: null,
  createdAt: '',
  startedAt: null,
  stoppedAt: null,
  ...more,
})

describe('the jobs list', () => {
  const all = [
    job(1, { observed: 'STOPPED', desired: 'STOPPED' }),
    job(2, {}),
    job(3, { observed: 'STARTING' }),
    job(4, { observed: 'RESTARTING' }),
    job(5, { observed: 'FAILED' }),
    job(6, { authoritative: true }),
  ]
  it('shows failed ones first and those stopped as asked last', () => {
    expect(sortJobs(all, 'attention').map((one) => one.id)).toEqual([5, 4, 3, 6, 2, 1])
  })
  it('counts a job that runs although it should not as one that needs a look', () => {
    expect(attention(job(1, { desired: 'STOPPED' }))).toBe(2)
    expect(matchesJobFilter(job(1, { desired: 'STOPPED' }), 'attention')).toBe(true)
  })
  it('sorts figures with the largest first and the unknown last, a real zero before it', () => {
    const jobs = [job(1, {}), job(2, { lagRecords: 0 }), job(3, { lagRecords: 7 })]
    expect(sortJobs(jobs, 'lagRecords').map((one) => one.id)).toEqual([3, 2, 1])
  })
  it('takes nonsense in the URL for the default', () => {
    expect([parseFilter('x'), parseFilter('stopped'), parseSort(null), parseSort('view')]).toEqual(['all', 'stopped', 'attention', 'view'])
  })
})
