/** `evenflow savepoint JOB`: takes one and waits until it is written. */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Job, list, Savepoint } from '../../contract/http-api.ts'
import { type Api, pause, UseError, verb } from './api.ts'

const waitMs = 500

export async function jobNamed(api: Api, text: string): Promise<Job> {
  const { items } = await api(list(Job), 'GET', '/jobs')
  const found =
    items.find((job) => String(job.id) === text) ??
    items.find((job) => job.view === text && job.authoritative) ??
    items.find((job) => job.view === text && job.desired === 'RUNNING')
  if (!found) throw new UseError(`There is no job "${text}". Jobs: ${items.map((job) => `${job.id} (${job.view})`).join(', ') || 'none'}.`)
  return found
}

if (import.meta.main)
  await verb(async (api, args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { name: { type: 'string' }, note: { type: 'string' } },
    })
    if (positionals.length !== 1)
      throw new UseError('evenflow savepoint JOB [--name TEXT] [--note TEXT]: give one job, by its number or its view.')
    const job = await jobNamed(api, positionals[0]!)
    const before = await api(list(Savepoint), 'GET', '/savepoints')
    await api(z.unknown(), 'POST', `/jobs/${job.id}/actions/savepoint`, {
      ...(values.name && { name: values.name }),
      ...(values.note && { note: values.note }),
    })
    const known = new Set(before.items.map((savepoint) => savepoint.id))
    for (;;) {
      const { items } = await api(list(Savepoint), 'GET', '/savepoints')
      const ours = items.find((savepoint) => savepoint.jobId === job.id && !known.has(savepoint.id))
      if (ours?.status === 'COMPLETED') {
        console.log(`savepoint ${ours.id} "${ours.name}" of ${ours.view} v${ours.version}: ${ours.sizeBytes} bytes, ${ours.path}`)
        return 0
      }
      if (ours?.status === 'FAILED') throw new Error(`The savepoint failed: ${ours.failureMessage ?? 'no reason was given'}.`)
      await pause(waitMs)
    }
  })
