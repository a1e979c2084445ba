/** `evenflow status`: the jobs, one a line. */
import { Job, list } from '../../contract/http-api.ts'
import { verb } from './api.ts'

const instant = (ms: number | null) => (ms === null ? '–' : new Date(ms).toISOString())
const number = (value: number | null) => (value === null ? '–' : Math.round(value).toLocaleString('en-US'))

export function statusTable(jobs: readonly Job[]): string {
  const head = ['JOB', 'VIEW', 'VERSION', 'STATE', 'EVENTS/S', 'LAG', 'MAX EVENT TIME', 'RESTARTS', 'REASON']
  const rows = jobs.map((job) => [
    `${job.id}${job.authoritative ? '*' : ''}`,
    job.view,
    `v${job.version}`,
    job.observed === job.desired ? job.observed : `${job.observed} (wanted: ${job.desired})`,
    number(job.eventsPerSecond),
    number(job.lagRecords),
    instant(job.maxEventTimeMs),
    String(job.restarts),
    job.reason ?? '',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

if (import.meta.main)
  await verb(async (api) => {
    const { items } = await api(list(Job), 'GET', '/jobs')
    console.log(items.length ? `${statusTable(items)}\n\n* answers reads` : 'No jobs yet. Release a view to start one.')
    return 0
  })
