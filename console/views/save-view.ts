import { randomUUID } from 'node:crypto'
import { EvenflowError } from '../../contract/errors.ts'
import { CreateView } from '../../contract/http-api.ts'
import { definitionHash } from '../../definition/feature-id.ts'
import { streamsOf } from '../../definition/union-partitions.ts'
import type { CheckedView, ViewDefinition } from '../../definition/model.ts'
import type { Tx } from '../../db/client.ts'
import { isUniqueViolation } from '../../db/transaction.ts'
import { toViewVersion } from '../readers/view-shapes.ts'
import type { AuditRow } from '../define-verb.ts'
import { defineVerb } from '../define-verb.ts'
import { soundDefinition } from './resolve-definition.ts'

const reserved = ['check', 'preview']

export type SavedVersion = { name: string; version: number; note: string | null; created: boolean }

/**
 * Saves the next version of a view, or its first. A definition equal to the latest makes none.
 * `baseVersion` older than the latest: 409 with the latest in details, so that nobody's edit is lost unseen.
 */
export const saveView = defineVerb({
  name: 'views.save',
  input: CreateView.refine((input) => input.sql !== undefined || input.definition !== undefined, 'give sql or definition'),
  async prepare({ ctx, input }) {
    if (reserved.includes(input.name))
      throw new EvenflowError(
        'bad_request',
        `${input.name} can't be the name of a view: /api/v1/views/${input.name} means something else.`,
        { hint: 'Choose another name.' },
      )
    return soundDefinition(ctx, { sql: input.sql, definition: input.definition })
  },
  async write({ ctx, tx, input, prepared: { checked, sql } }): Promise<{ output: SavedVersion; audit: 'unchanged' | AuditRow }> {
    const latest = await lockLatest(tx, input.name)
    if (!latest) {
      const viewId = await createFirst(tx, input.name, checked, ctx.now(), ctx.actor.name)
      const row = await addVersion(1, viewId)
      return { output: saved(row, true), audit: { targetType: 'view', targetId: input.name, after: { version: 1, sql } } }
    }
    const hash = definitionHash(checked.definition)
    if (latest.version && latest.version.definitionHash === hash) return { output: saved(latest.version, false), audit: 'unchanged' }
    if (input.baseVersion !== undefined && input.baseVersion !== latest.latestVersion)
      throw overtaken(input.name, input.baseVersion, latest)
    if (latest.version) sameUnit(input.name, latest.stream, latest.version.definition as unknown as ViewDefinition, checked)
    const version = latest.latestVersion + 1
    await tx.view.update({ where: { id: latest.id }, data: { latestVersion: version } })
    const row = await addVersion(version, latest.id)
    return {
      output: saved(row, true),
      audit: {
        targetType: 'view',
        targetId: input.name,
        before: { version: version - 1, sql: latest.version?.sql },
        after: { version, sql },
      },
    }

    function addVersion(version: number, viewId: string) {
      const { definition, featureTypes } = checked
      return tx.viewVersion.create({
        data: {
          id: randomUUID(),
          viewId,
          version,
          sql,
          definition: definition as object,
          definitionHash: definitionHash(definition),
          featureTypes,
          note: input.note ?? null,
          createdAt: ctx.now(),
          createdBy: ctx.actor.name,
        },
      })
    }
    function saved(row: Awaited<ReturnType<typeof addVersion>>, created: boolean): SavedVersion {
      return { name: input.name, version: row.version, note: row.note, created }
    }
  },
})

/** The write comes first: it takes the row's lock on MySQL too, so that the read after it is the newest. */
async function lockLatest(tx: Tx, name: string) {
  await tx.view.updateMany({ where: { name }, data: { latestVersion: { increment: 0 } } })
  const view = await tx.view.findUnique({ where: { name }, include: { stream: { select: { name: true } } } })
  if (!view) return null
  const version = await tx.viewVersion.findUnique({ where: { viewId_version: { viewId: view.id, version: view.latestVersion } } })
  return { id: view.id, stream: view.stream.name, latestVersion: view.latestVersion, version }
}

async function createFirst(tx: Tx, name: string, checked: CheckedView, at: Date, by: string): Promise<string> {
  const stream = await tx.stream.findUniqueOrThrow({ where: { name: streamsOf(checked.definition)[0]! } })
  try {
    const view = await tx.view.create({
      data: { id: randomUUID(), name, streamId: stream.id, latestVersion: 1, createdAt: at, createdBy: by },
    })
    await tx.authority.create({ data: { viewId: view.id } })
    return view.id
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new EvenflowError('conflict', `Somebody made a view ${name} at the same moment.`, {
      hint: 'Look at it, then save again.',
      cause: error,
    })
  }
}

function overtaken(name: string, base: number, latest: NonNullable<Awaited<ReturnType<typeof lockLatest>>>): EvenflowError {
  const by = latest.version ? ` by ${latest.version.createdBy}` : ''
  return new EvenflowError(
    'conflict',
    `You began from version ${base} of ${name}; version ${latest.latestVersion} has been saved meanwhile${by}.`,
    {
      hint: 'Compare the two, then save again on top of the newer one.',
      details: latest.version ? toViewVersion(latest.version, name) : { version: latest.latestVersion },
    },
  )
}

/** Stream and key are what a view is; its stores and its readers' keys hang on them. Streams may be added beside the first, and go again. */
function sameUnit(name: string, stream: string, before: ViewDefinition, { definition }: CheckedView): void {
  const streams = streamsOf(definition)
  if (!streams.includes(stream))
    throw new EvenflowError('conflict', `The view ${name} reads the stream ${stream}, and this definition reads ${streams.join(', ')}.`, {
      hint: 'Save it under another name.',
    })
  if (before.key.join('\n') !== definition.key.join('\n'))
    throw new EvenflowError(
      'conflict',
      `The view ${name} is keyed by ${before.key.join(', ')}, and this definition by ${definition.key.join(', ')}.`,
      { hint: 'Save it under another name.' },
    )
}
