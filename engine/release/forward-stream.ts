/** Where the rows of a version that is to be released go: what the parameter `forward` says, and the stream, made or widened for it. */
import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/client.ts'
import {
  feederOf,
  FORWARD_EVENT_TIME,
  forwardFields,
  isAllowedWebhook,
  isWebhook,
  type ForwardRefusal,
  type KnownStream,
  mergeFields,
  refusalOfForward,
} from '../../definition/forward-stream.ts'
import type { Field, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import { compileEvaluator } from '../compile/evaluator.ts'
import { planView } from '../plan/plan.ts'
import { definitionOf } from '../supervise/desired-jobs.ts'

export interface ForwardAsked {
  readonly view: string
  readonly target: string
  readonly definition: ViewDefinition
  readonly stream: StreamSchema
}

/** Null: nothing stands in the way. */
export async function forwardRefusal(db: Db, asked: ForwardAsked, webhookHosts: readonly string[]): Promise<ForwardRefusal | null> {
  if (isWebhook(asked.target)) return isAllowedWebhook(asked.target, webhookHosts) ? null : { code: 'host', target: asked.target }
  const [streams, running] = await Promise.all([
    db.stream.findMany({ select: { name: true, fields: true, source: true } }),
    db.authority.findMany({ where: { jobId: { not: null } }, select: { viewId: true, version: true, view: { select: { name: true } } } }),
  ])
  const known = streams.map(({ name, fields, source }): KnownStream => ({ name, fields: fields as Field[], fedBy: feederOf(source) }))
  const views = await Promise.all(
    running
      .filter(({ view }) => view.name !== asked.view)
      .map(async ({ viewId, version, view }) => ({ name: view.name, streams: streamsOf(await definitionOf(db, viewId, version)) })),
  )
  const own = { name: asked.view, streams: streamsOf(asked.definition) }
  return refusalOfForward({ view: asked.view, target: asked.target, fields: fieldsOf(asked) }, known, [own, ...views])
}

/** Makes the stream, or adds the fields of this version; nothing for a webhook. Done again it changes nothing. */
export async function ensureForwardStream(db: Db, asked: ForwardAsked, now: () => number): Promise<void> {
  if (isWebhook(asked.target)) return
  const fields = fieldsOf(asked)
  const standing = await db.stream.findUnique({ where: { name: asked.target } })
  if (!standing) {
    await db.stream.create({
      data: {
        id: randomUUID(),
        name: asked.target,
        fields,
        eventTime: FORWARD_EVENT_TIME,
        partitions: 1,
        source: { kind: 'view', view: asked.view },
        createdAt: new Date(now()),
        createdBy: 'engine',
      },
    })
    return
  }
  const merged = mergeFields(standing.fields as Field[], fields)
  if ('clash' in merged) throw new Error(`field ${merged.clash} of the stream ${asked.target} has another type`)
  await db.stream.update({ where: { id: standing.id }, data: { fields: merged.fields } })
}

function fieldsOf({ definition, stream }: ForwardAsked): Field[] {
  const plan = planView(definition, stream)
  const types = compileEvaluator(plan).featureTypes
  return forwardFields({
    key: plan.keySlots.map((slot) => plan.fields[slot]!),
    features: definition.features.map(({ name }, i) => ({ name, type: String(types[i]) })),
    hasWindows: definition.group !== undefined,
  })
}
