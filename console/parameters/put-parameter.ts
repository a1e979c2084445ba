import { z } from 'zod'
import { EvenflowError } from '../../contract/errors.ts'
import { PutParameter } from '../../contract/http-api.ts'
import { feederOf, isWebhook } from '../../definition/forward-stream.ts'
import { PARAMETER_KEYS, PARAMETERS, isParameterKey, readParameter } from '../../definition/parameters.ts'
import { didYouMean } from '../../definition/suggest.ts'
import type { Tx } from '../../db/client.ts'
import { defineVerb } from '../define-verb.ts'

/** Sets a parameter at a scope; null goes back to what the wider scope says. */
export const putParameter = defineVerb({
  name: 'parameters.put',
  input: PutParameter.extend({ key: z.string() }),
  async write({ ctx, tx, input: { key, scope, value } }) {
    const kept = await accept(tx, key, scope, value)
    const where = { key_scope: { key, scope } }
    const before = await tx.parameter.findUnique({ where })
    const row = {
      targetType: 'parameter',
      targetId: scope === 'system' ? key : `${key} @ ${scope}`,
      ...(before && { before: { value: before.value } }),
    }
    if (kept === undefined) {
      const { count } = await tx.parameter.deleteMany({ where: { key, scope } })
      return { output: { key, scope }, audit: count === 0 ? 'unchanged' : { ...row, after: { value: null } } }
    }
    if (before && JSON.stringify(before.value) === JSON.stringify(kept)) return { output: { key, scope }, audit: 'unchanged' }
    await tx.parameter.upsert({
      where,
      create: { key, scope, value: kept, updatedBy: ctx.actor.name },
      update: { value: kept, updatedBy: ctx.actor.name },
    })
    return { output: { key, scope }, audit: { ...row, after: { value: kept } } }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})

/** The value in the form that is kept, undefined for a reset. */
async function accept(tx: Tx, key: string, scope: string, value: unknown): Promise<string | number | boolean | object | undefined> {
  if (!isParameterKey(key)) {
    const near = didYouMean(key, PARAMETER_KEYS)
    throw new EvenflowError('not_found', `There is no parameter ${key}.`, { hint: near ?? 'GET /api/v1/parameters lists them.' })
  }
  const kind = scope.split(':', 1)[0]!
  const { scopes } = PARAMETERS[key] as { scopes: readonly string[] }
  if (!scopes.includes(kind))
    throw new EvenflowError('invalid_parameter', `${key} can't be set for a ${kind}.`, { hint: `Its scopes are ${scopes.join(', ')}.` })
  await mustExist(tx, kind, scope.slice(kind.length + 1))
  if (value === null || value === undefined) return undefined
  const read = readParameter(key, value)
  if (!read.ok) throw new EvenflowError('invalid_parameter', `${read.message}.`, { details: { key, bounds: PARAMETERS[key].bounds } })
  if (key === 'forward') await checkForward(tx, scope.slice(kind.length + 1), read.value as string)
  return read.value as string | number | boolean | object
}

/** What is wrong with it whatever version is released; the rest is the release's to judge. */
async function checkForward(tx: Tx, view: string, target: string): Promise<void> {
  if (isWebhook(target)) return // which hosts are allowed is the engine's to know
  const standing = await tx.stream.findUnique({ where: { name: target }, select: { source: true } })
  if (!standing || feederOf(standing.source) === view) return
  throw new EvenflowError(
    'invalid_parameter',
    `Rows of ${view} can't be forwarded to the stream ${target}: it takes events of its own, or another view feeds it.`,
    {
      hint: `Choose another name, such as ${view}_features; the stream is made for it.`,
    },
  )
}

async function mustExist(tx: Tx, kind: string, name: string): Promise<void> {
  const found =
    kind === 'system'
      ? 1
      : kind === 'view'
        ? await tx.view.count({ where: { name } })
        : kind === 'stream'
          ? await tx.stream.count({ where: { name } })
          : await tx.job.count({ where: { id: Number(name) } })
  if (found === 0) throw new EvenflowError('not_found', `There is no ${kind} ${name}.`)
}
