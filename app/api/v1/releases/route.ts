import { z } from 'zod'
import { listReleases, readRelease } from '../../../../console/readers/releases.ts'
import { startRelease } from '../../../../console/releases/start-release.ts'
import { handle, PageQuery, parseQuery } from '../route-helper.ts'

const Query = PageQuery.extend({ view: z.string().optional() })

export const GET = handle(({ ctx, query }) => listReleases(ctx, parseQuery(Query, query)))

export const POST = handle(async ({ ctx, body }) => {
  const { id } = await startRelease.run(ctx, await body())
  return readRelease(ctx, id)
}, 201)
