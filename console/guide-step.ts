/** Ticks off a step of the start page that leaves no other trace in the database. Once a person and step; never an error of its own. */
import type { ConsoleContext } from './context.ts'

const taken = new WeakMap<object, Set<string>>()

export async function takeGuideStep(ctx: ConsoleContext, step: 'stream' | 'preview' | 'read'): Promise<void> {
  const known = taken.get(ctx.db) ?? new Set<string>()
  taken.set(ctx.db, known)
  const key = `${ctx.actor.id} ${step}`
  if (known.has(key)) return
  const actorId = ctx.actor.id.slice(0, 64)
  await ctx.db.guideStep.upsert({ where: { actorId_step: { actorId, step } }, create: { actorId, step, at: ctx.now() }, update: {} }).then(
    () => known.add(key),
    () => {},
  ) // the answer that the person asked for matters more
}
