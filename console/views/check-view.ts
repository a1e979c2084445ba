import type { CheckAnswer, Cost } from '../../contract/http-api.ts'
import { SqlOrDefinition } from '../../contract/http-api.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
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
      cost: await costOf(ctx, streamsOf(checked.definition)),
      problems,
    }
  },
})

/** Keys and bytes per key are known once a job has run; until the engine can tell, they stay null. */
async function costOf(ctx: ConsoleContext, streams: readonly string[]): Promise<Cost | null> {
  const stats = await Promise.all(streams.map((stream) => ctx.engine.streamStats(stream).catch(() => null)))
  if (stats.includes(null)) return null
  const sum = (of: 'events' | 'eventsPerSecond') => stats.reduce((total, one) => total + one![of], 0)
  return { keys: null, bytesPerKey: null, eventsToRead: sum('events'), eventsPerSecond: sum('eventsPerSecond') }
}
