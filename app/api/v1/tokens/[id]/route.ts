import { revokeToken } from '../../../../../console/tokens/revoke-token.ts'
import { handle } from '../../route-helper.ts'

export const DELETE = handle(({ ctx, params }) => revokeToken.run(ctx, { id: params.id }))
