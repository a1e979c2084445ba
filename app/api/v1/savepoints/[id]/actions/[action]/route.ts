import { EvenflowError } from '../../../../../../../contract/errors.ts'
import { readSavepoint } from '../../../../../../../console/readers/savepoints.ts'
import { disposeSavepoint } from '../../../../../../../console/savepoints/dispose-savepoint.ts'
import { pinSavepoint } from '../../../../../../../console/savepoints/pin-savepoint.ts'
import { unpinSavepoint } from '../../../../../../../console/savepoints/unpin-savepoint.ts'
import { handle, idOf } from '../../../../route-helper.ts'

const actions = { pin: pinSavepoint, unpin: unpinSavepoint, dispose: disposeSavepoint }

export const POST = handle(async ({ ctx, params, body }) => {
  const action = params.action as keyof typeof actions
  if (!Object.hasOwn(actions, action))
    throw new EvenflowError('not_found', `Savepoints have no action ${action}.`, { hint: 'Actions are pin, unpin, dispose.' })
  const { id } = await actions[action].run(ctx, { ...((await body()) as object), id: idOf(params.id, 'savepoint') })
  return readSavepoint(ctx, id)
})
