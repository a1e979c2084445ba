/** SQL, a form's definition or a saved version → a checked definition, against the streams as they are now. */
import { EvenflowError } from '../../contract/errors.ts'
import type { CheckedView, Problem, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { checkDefinition } from '../../definition/check-view.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { printView } from '../../definition/print-sql.ts'
import type { Db, Tx } from '../../db/client.ts'
import type { ConsoleContext } from '../context.ts'

/** Where streams and features in TypeScript are found. */
type Ctx = Pick<ConsoleContext, 'db' | 'code'>

export type Given = {
  sql?: string | undefined
  definition?: ViewDefinition | undefined
  view?: string | undefined
  version?: number | undefined
}
export type Resolved = { checked?: CheckedView; sql?: string; problems: Problem[] }

export async function streamSchemas(db: Db | Tx): Promise<StreamSchema[]> {
  const rows = await db.stream.findMany({ select: { name: true, fields: true, eventTime: true } })
  return rows.map((row) => ({ name: row.name, eventTime: row.eventTime, fields: row.fields as StreamSchema['fields'] }))
}

export async function resolveDefinition(ctx: Ctx, given: Given): Promise<Resolved> {
  const streams = await streamSchemas(ctx.db)
  const { checked, problems } = await check(ctx, given, streams)
  if (!checked) return { problems }
  return { checked, problems, sql: printView(checked.definition, { eventTime: checked.stream.eventTime }) }
}

/** As above, and an unsound definition is an error that lists its problems. */
export async function soundDefinition(ctx: Ctx, given: Given): Promise<{ checked: CheckedView; sql: string }> {
  const { checked, sql, problems } = await resolveDefinition(ctx, given)
  if (checked && sql !== undefined && problems.length === 0) return { checked, sql }
  const first = problems[0]
  throw new EvenflowError(
    'invalid_definition',
    first ? `Line ${first.line}, column ${first.column}: ${first.message}` : 'The definition is not sound.',
    {
      details: problems,
      hint: first?.hint ?? 'Mend what is listed in details, then try again.',
    },
  )
}

/** A saved version runs what it pins; anything else what the files say now. */
async function check({ db, code }: Ctx, given: Given, streams: StreamSchema[]) {
  if (given.sql !== undefined) return parseView(given.sql, streams, code.features())
  if (given.definition !== undefined) return checkDefinition(given.definition, streams, code.features())
  if (given.view === undefined)
    throw new EvenflowError('bad_request', 'Nothing to look at was given.', { hint: 'Give sql, definition, or view and version.' })
  const row = await db.viewVersion.findFirst({
    where: { view: { name: given.view }, ...(given.version !== undefined && { version: given.version }) },
    orderBy: { version: 'desc' },
  })
  if (!row)
    throw new EvenflowError(
      'not_found',
      `There is no ${given.version === undefined ? '' : `version ${given.version} of the `}view ${given.view}.`,
    )
  const pinned = row.definition as unknown as ViewDefinition
  return checkDefinition(pinned, streams, pinned.code)
}
