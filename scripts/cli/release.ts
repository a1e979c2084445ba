/** `evenflow release VIEW`: releases a version of a view and follows it until it is done, or a person has to decide. */
import { parseArgs } from 'node:util'
import { Release, View } from '../../contract/http-api.ts'
import { ReleaseCheck } from '../../contract/release-check.ts'
import { isEnded } from '../../contract/release-machine.ts'
import { pause, UseError, verb } from './api.ts'
import { askedArchive } from './archive-option.ts'
import { checkLines } from './check-lines.ts'
import { followedSteps } from './followed-steps.ts'

const waitMs = 500

await verb(async (api, args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      version: { type: 'string' },
      'history-event-time': { type: 'string' },
      'from-savepoint': { type: 'string' },
      'allow-dropped-state': { type: 'boolean' },
      mode: { type: 'string' },
      archive: { type: 'string' },
      'archive-table': { type: 'string' },
      'archive-query': { type: 'string' },
      'max-event-time': { type: 'string' },
      'no-wait': { type: 'boolean' },
      follow: { type: 'boolean' },
      note: { type: 'string' },
      check: { type: 'boolean' },
    },
  })
  const [name] = positionals
  if (!name || positionals.length !== 1)
    throw new UseError(
      'evenflow release VIEW [--version N] [--mode automatic|gated] [--history-event-time INSTANT] [--archive PATH [--archive-table NAME|--archive-query SQL] [--max-event-time INSTANT]] [--from-savepoint N] [--allow-dropped-state] [--check|--no-wait|--follow]: give one view.',
    )
  if (values.version !== undefined && !/^[1-9]\d*$/.test(values.version))
    throw new UseError(`--version ${values.version}: a version is a number from 1 on.`)
  const version = values.version ? Number(values.version) : (await api(View, 'GET', `/views/${encodeURIComponent(name)}`)).latestVersion
  const archive = askedArchive(values, instant)
  if (typeof archive === 'string') throw new UseError(archive)
  const request = {
    view: name,
    version,
    ...(values['history-event-time'] && { historyEventTime: instant('history-event-time', values['history-event-time']) }),
    ...(archive && { archive }),
    ...(values['allow-dropped-state'] && { allowDroppedState: true }),
    ...(values['from-savepoint'] !== undefined && { fromSavepoint: Number(values['from-savepoint']) }),
    ...(values.mode !== undefined && { mode: values.mode }),
    ...(values.note && { note: values.note }),
  }
  if (values.check) {
    const check = await api(ReleaseCheck, 'POST', '/releases/check', request)
    for (const line of checkLines(check)) console.log(line)
    return check.canProceed ? 0 : 1
  }
  let release = await api(Release, 'POST', '/releases', request)
  console.log(`release ${release.id}: ${release.view} v${release.toVersion}, ${release.state}`)
  if (values['no-wait']) return 0
  const follow = followedSteps(release.state)
  let offered = ''
  let said = ''
  while (!isEnded(release.state)) {
    const waits = release.waitsFor?.text ?? ''
    if (waits !== said && waits !== '') console.log(`release ${release.id}: ${waits}`)
    said = waits
    const choices = waitsForAPerson(release)
    if (choices.join() !== offered) for (const choice of choices) console.log(`  evenflow act ${release.id} ${choice}`)
    offered = choices.join()
    if (choices.length > 0 && !values.follow) return 0
    await pause(waitMs)
    release = await api(Release, 'GET', `/releases/${release.id}`)
    for (const line of follow(release)) console.log(`release ${release.id}: ${line}`)
  }
  if (release.state === 'DONE') return 0
  throw new Error(`Release ${release.id} ended as ${release.state}${release.failure ? `: ${release.failure}` : ''}.`)
})

/** What there is to decide where the release itself goes on no further for now. */
function waitsForAPerson({ state, allowedActions, waitsFor }: Release): string[] {
  const isForAPerson = ['waits_approval', 'waits_cutover', 'waits_differing'].includes(waitsFor?.code ?? '')
  if (state !== 'SOAKING' && !isForAPerson) return []
  return allowedActions.filter(({ enabled }) => enabled).map(({ action }) => action)
}

function instant(option: string, text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text)
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new UseError(`--${option} ${text}: give an instant such as 2001-03-01T00:00:00Z, or epoch milliseconds.`)
  return new Date(ms).toISOString()
}
