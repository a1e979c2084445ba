/** `evenflow release VIEW`: releases a version of a view and follows it to its end. */
import { parseArgs } from 'node:util'
import { Release, View } from '../../contract/http-api.ts'
import { pause, UseError, verb } from './api.ts'

const waitMs = 500
const ended = new Set(['DONE', 'ABORTED', 'ROLLED_BACK', 'FAILED'])

await verb(async (api, args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      version: { type: 'string' },
      'history-event-time': { type: 'string' },
      'no-wait': { type: 'boolean' },
      note: { type: 'string' },
    },
  })
  const [name] = positionals
  if (!name || positionals.length !== 1)
    throw new UseError('evenflow release VIEW [--version N] [--history-event-time INSTANT] [--no-wait]: give one view.')
  if (values.version !== undefined && !/^[1-9]\d*$/.test(values.version))
    throw new UseError(`--version ${values.version}: a version is a number from 1 on.`)
  const version = values.version ? Number(values.version) : (await api(View, 'GET', `/views/${encodeURIComponent(name)}`)).latestVersion
  let release = await api(Release, 'POST', '/releases', {
    view: name,
    version,
    ...(values['history-event-time'] && { historyEventTime: instant(values['history-event-time']) }),
    ...(values.note && { note: values.note }),
  })
  console.log(`release ${release.id}: ${release.view} v${release.toVersion}, ${release.state}`)
  if (values['no-wait']) return 0
  let shown = release.state
  while (!ended.has(release.state)) {
    await pause(waitMs)
    release = await api(Release, 'GET', `/releases/${release.id}`)
    if (release.state !== shown) console.log(`release ${release.id}: ${release.state}`)
    shown = release.state
  }
  if (release.state === 'DONE') return 0
  throw new Error(`Release ${release.id} ended as ${release.state}${release.failure ? `: ${release.failure}` : ''}.`)
})

function instant(text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text)
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new UseError(`--history-event-time ${text}: give an instant such as 2001-03-01T00:00:00Z, or epoch milliseconds.`)
  return new Date(ms).toISOString()
}
