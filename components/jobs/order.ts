/** The jobs list: failed first, then what differs from what was asked, then by view. Filter and sort come from the URL. Pure. */
import type { Job } from '../../contract/http-api.ts'

export const jobFilters = ['all', 'running', 'attention', 'stopped'] as const
export type JobFilter = (typeof jobFilters)[number]
export const jobSorts = ['attention', 'view', 'lagRecords', 'eventsPerSecond', 'maxEventTimeMs', 'stateBytes', 'restarts'] as const
export type JobSort = (typeof jobSorts)[number]

export const parseFilter = (text: string | null): JobFilter => jobFilters.find((filter) => filter === text) ?? 'all'
export const parseSort = (text: string | null): JobSort => jobSorts.find((sort) => sort === text) ?? 'attention'

/** 0 comes first: failed, then restarting, then not as desired, then running, then stopped as asked. */
export function attention(job: Pick<Job, 'desired' | 'observed'>): number {
  if (job.observed === 'FAILED') return 0
  if (job.observed === 'RESTARTING') return 1
  const asDesired = job.desired === 'RUNNING' ? job.observed === 'RUNNING' : job.observed === 'STOPPED'
  if (!asDesired) return 2
  return job.observed === 'RUNNING' ? 3 : 4
}

export function matchesJobFilter(job: Pick<Job, 'desired' | 'observed'>, filter: JobFilter): boolean {
  if (filter === 'all') return true
  if (filter === 'running') return job.observed === 'RUNNING'
  if (filter === 'stopped') return job.observed === 'STOPPED'
  return attention(job) <= 2
}

/** Figures sort with the largest first and the unknown last. */
export function sortJobs<J extends Job>(jobs: readonly J[], sort: JobSort): J[] {
  const usual = (a: Job, b: Job) =>
    attention(a) - attention(b) || a.view.localeCompare(b.view) || Number(b.authoritative) - Number(a.authoritative) || b.id - a.id
  return jobs.toSorted((a, b) => {
    if (sort === 'attention') return usual(a, b)
    if (sort === 'view') return a.view.localeCompare(b.view) || b.version - a.version || b.id - a.id
    const [left, right] = [a[sort], b[sort]]
    if (left === null || right === null) return Number(left === null) - Number(right === null) || usual(a, b)
    return right - left || usual(a, b)
  })
}
