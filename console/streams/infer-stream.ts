import { InferStream } from '../../contract/http-api.ts'
import { defineQuestion } from '../define-verb.ts'
import { inferSchema } from '../../definition/infer-schema.ts'

/** What pasted events look like: fields with types, candidates for the event time, and lines that are no events. */
export const inferStream = defineQuestion({
  name: 'streams.infer',
  input: InferStream,
  ask: async ({ input }) => inferSchema(input.text),
})
