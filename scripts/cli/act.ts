/** `evenflow act RELEASE ACTION`: what a person decides about a release, held against what the server offers now. */
import { parseArgs } from 'node:util'
import { AllowedAction, Release } from '../../contract/http-api.ts'
import { pause, UseError, verb } from './api.ts'

const waitMs = 300
const actions = AllowedAction.shape.action.options

await verb(async (api, args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { reason: { type: 'string' } } })
  const [id, action] = positionals
  if (!id || !/^[1-9]\d*$/.test(id) || !action || positionals.length !== 2 || !actions.some((one) => one === action))
    throw new UseError(`evenflow act RELEASE ACTION [--reason TEXT]: give a release's number and one of ${actions.join(', ')}.`)
  const before = await api(Release, 'GET', `/releases/${id}`)
  let release = await api(Release, 'POST', `/releases/${id}/actions/${action}`, values.reason ? { reason: values.reason } : {})
  // an approval is noted, and the release goes on when all else is ready
  while (action !== 'approve' && release.state === before.state) {
    await pause(waitMs)
    release = await api(Release, 'GET', `/releases/${id}`)
  }
  console.log(`release ${release.id}: ${release.state}`)
  return 0
})
