import { listViews, readView } from '../../../../console/readers/views.ts'
import { saveView } from '../../../../console/views/save-view.ts'
import { handle, json } from '../route-helper.ts'

export const GET = handle(({ ctx }) => listViews(ctx))

export const POST = handle(async ({ ctx, body }) => {
  const saved = await saveView.run(ctx, await body())
  return json({ ...(await readView(ctx, saved.name)), ...saved }, saved.created ? 201 : 200)
})
