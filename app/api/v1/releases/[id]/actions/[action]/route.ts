import { readRelease } from '../../../../../../../console/readers/releases.ts'
import { actOnRelease } from '../../../../../../../console/releases/act-on-release.ts'
import { handle, idOf } from '../../../../route-helper.ts'

export const POST = handle(async ({ ctx, params, body }) => {
  const { id } = await actOnRelease.run(ctx, { ...((await body()) as object), id: idOf(params.id, 'release'), action: params.action })
  return readRelease(ctx, id)
})
