import { putParameter } from '../../../../../console/parameters/put-parameter.ts'
import { listParameters } from '../../../../../console/readers/parameters.ts'
import { handle } from '../../route-helper.ts'

/** Answers with the parameter as it now is at that scope. */
export const PUT = handle(async ({ ctx, params, body }) => {
  const { key, scope } = await putParameter.run(ctx, { ...((await body()) as object), key: params.key })
  return (await listParameters(ctx, scope)).items.find((item) => item.key === key)
})
