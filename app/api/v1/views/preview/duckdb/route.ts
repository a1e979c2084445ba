import { checkInDuckdb } from '../../../../../../console/views/check-in-duckdb.ts'
import { handle } from '../../../route-helper.ts'

export const POST = handle(async ({ ctx, body }) => checkInDuckdb.run(ctx, await body()))
