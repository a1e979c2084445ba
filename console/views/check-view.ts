import type { CheckAnswer, Cost } from '../../contract/http-api.ts'
import { SqlOrDefinition } from '../../contract/http-api.ts'
import type { ConsoleContext } from '../context.ts'
import { defineQuestion } from '../define-verb.ts'
import { resolveDefinition } from './resolve-definition.ts'

/** What a definition means, what is wrong with it and where, what it would cost. Problems are an answer here, no error. */
export const checkView = defineQuestion({
  name: 'views.check',
  input: SqlOrDefinition,
  async ask({ ctx, input }): Promise<CheckAnswer> {
    const { checked, sql, problems } = await resolveDefinition(ctx, input)
    if (!checked) return { types: [], cost: null, problems }
    return {
      definition: checked.definition,
      ...(sql !== undefined && { sql }),
      types: checked.featureTypes,
      cost: await costOf(ctx, checked.stream.name),
      problems,
    }
  },
})

/** Keys and bytes per key are known once a job has run; until the engine can tell, they stay null. */
async function costOf(ctx: ConsoleContext, stream: string): Promise<Cost | null> {
  const stats = await ctx.engine.streamStats(stream).catch(() => null)
  return stats && { keys: null, bytesPerKey: null, eventsToRead: stats.events, eventsPerSecond: stats.eventsPerSecond }
}
