/**
 * The one way to make a verb, so that its order can't be got wrong: authorise → parse → prepare → transaction { write, audit row } → after.
 * `prepare` may ask the engine or parse SQL, and throws when the verb can't be done; nothing is written yet.
 * `write` gets the transaction only (on SQLite the plain client would wait for it for ever) and must hand back an audit row or say that nothing changed.
 * `after` follows up outside (wake the engine); the write stands whatever happens there.
 */
import type { z } from 'zod'
import { EvenflowError } from '../contract/errors.ts'
import type { Tx } from '../db/client.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Permission } from './auth/permissions.ts'
import { may, minimumRole } from './auth/permissions.ts'
import type { ConsoleContext } from './context.ts'

export type AuditRow = { targetType: string; targetId: string; before?: unknown; after?: unknown }
type Written<Output> = { output: Output; audit: AuditRow | 'unchanged' }

type Common<Input extends z.ZodType> = { name: Permission; input: Input }
type WriteSpec<Input extends z.ZodType, Prepared, Output> = Common<Input> & {
  prepare?: (at: { ctx: ConsoleContext; input: z.output<Input> }) => Promise<Prepared>
  write: (at: { ctx: ConsoleContext; tx: Tx; input: z.output<Input>; prepared: Prepared }) => Promise<Written<Output>>
  after?: (at: { ctx: ConsoleContext; input: z.output<Input>; output: Output }) => Promise<void>
}
type AskSpec<Input extends z.ZodType, Output> = Common<Input> & {
  ask: (at: { ctx: ConsoleContext; input: z.output<Input> }) => Promise<Output>
}

export type Verb<Output = unknown> = {
  name: Permission
  kind: 'write' | 'ask'
  run: (ctx: ConsoleContext, input: unknown) => Promise<Output>
}

export function authorise(ctx: ConsoleContext, permission: Permission): void {
  if (may(ctx.actor.role, permission)) return
  throw new EvenflowError('forbidden', `${ctx.actor.name} has the role ${ctx.actor.role}; this needs ${minimumRole[permission]}.`, {
    hint: 'Ask an administrator for the role, or use a token that has it.',
  })
}

export function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const first = issues[0]!
  throw new EvenflowError('bad_request', first.path ? `${first.path}: ${first.message}` : first.message, {
    details: issues,
    hint: 'Compare the request with /api/v1/openapi.json.',
  })
}

/** A verb that changes something. */
export function defineVerb<Input extends z.ZodType, Output, Prepared = undefined>(spec: WriteSpec<Input, Prepared, Output>): Verb<Output> {
  return {
    name: spec.name,
    kind: 'write',
    async run(ctx, raw) {
      authorise(ctx, spec.name)
      const input = parse(spec.input, raw)
      const prepared = spec.prepare ? await spec.prepare({ ctx, input }) : (undefined as Prepared)
      const output = await inTransaction(ctx.db, async (tx) => {
        const written = await spec.write({ ctx, tx, input, prepared })
        if (written.audit !== 'unchanged') await writeAudit(ctx, tx, spec.name, written.audit)
        return written.output
      })
      await spec.after?.({ ctx, input, output })
      return output
    },
  }
}

/** A verb that answers a question and changes nothing, though it costs work: same order, no transaction. */
export function defineQuestion<Input extends z.ZodType, Output>(spec: AskSpec<Input, Output>): Verb<Output> {
  return {
    name: spec.name,
    kind: 'ask',
    async run(ctx, raw) {
      authorise(ctx, spec.name)
      return spec.ask({ ctx, input: parse(spec.input, raw) })
    },
  }
}

async function writeAudit(ctx: ConsoleContext, tx: Tx, action: string, row: AuditRow): Promise<void> {
  await tx.audit.create({
    data: {
      at: ctx.now(),
      actor: ctx.actor.name,
      via: ctx.actor.via,
      action,
      targetType: row.targetType,
      targetId: row.targetId,
      ...(row.before !== undefined && { before: row.before as object }),
      ...(row.after !== undefined && { after: row.after as object }),
      address: ctx.actor.address,
    },
  })
}
