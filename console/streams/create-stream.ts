import { randomUUID } from 'node:crypto'
import { EvenflowError } from '../../contract/errors.ts'
import { CreateStream } from '../../contract/http-api.ts'
import { isUniqueViolation } from '../../db/transaction.ts'
import { defineVerb } from '../define-verb.ts'

/** A stream is its name, its fields and which of them is the event time; the engine makes the log at its next look. */
export const createStream = defineVerb({
  name: 'streams.create',
  input: CreateStream,
  prepare: async ({ input }) => checkFields(input),
  async write({ ctx, tx, input }) {
    const data = {
      name: input.name,
      fields: input.fields,
      eventTime: input.eventTime,
      partitions: input.partitions,
      partitionBy: input.partitionBy ?? null,
      source: input.source,
      note: input.note ?? null,
    }
    try {
      await tx.stream.create({ data: { id: randomUUID(), ...data, createdAt: ctx.now(), createdBy: ctx.actor.name } })
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new EvenflowError('already_exists', `There is a stream ${input.name} already.`, {
        hint: 'Choose another name, or append to the stream that is there.',
        cause: error,
      })
    }
    return { output: { name: input.name }, audit: { targetType: 'stream', targetId: input.name, after: data } }
  },
  after: ({ ctx }) => ctx.engine.wake(),
})

function checkFields(input: CreateStream): void {
  const refuse = (message: string, hint: string) => {
    throw new EvenflowError('invalid_stream', message, { hint })
  }
  if (input.name === 'infer')
    refuse("infer can't be the name of a stream: /api/v1/streams/infer means something else.", 'Choose another name.')
  const seen = new Set<string>()
  for (const { name } of input.fields) {
    if (seen.has(name)) refuse(`The field ${name} is listed twice.`, 'Remove one of the two.')
    seen.add(name)
  }
  const time = input.fields.find(({ name }) => name === input.eventTime)
  if (!time)
    refuse(
      `The event time ${input.eventTime} is not among the fields.`,
      `Choose one of ${input.fields.map(({ name }) => name).join(', ')}.`,
    )
  if (time!.type !== 'timestamp')
    refuse(
      `The event time ${input.eventTime} has the type ${time!.type}.`,
      'Give the field the type timestamp (epoch milliseconds or ISO 8601 with a zone).',
    )
  if (time!.nullable) refuse(`The event time ${input.eventTime} is nullable.`, 'Every event needs its time: make the field not nullable.')
  if (input.partitionBy !== undefined && !seen.has(input.partitionBy))
    refuse(`The stream is partitioned by ${input.partitionBy}, which is not among the fields.`, 'Name a field, or leave partitionBy out.')
}
