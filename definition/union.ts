/** What a union of streams looks like to the view. */
import { checkUnion } from './check-union.ts'
import type { SourceSchema, StreamSchema, ViewDefinition } from './model.ts'
import { streamsOf } from './union-partitions.ts'

/** What a sound definition sees of an event: the stream's schema, or that of its union's columns. */
export function sourceSchema(definition: ViewDefinition, streams: readonly StreamSchema[]): SourceSchema {
  const refuse = (message: string) => new Error(`the view reads ${streamsOf(definition).join(', ')}: ${message}`)
  if (!definition.union) {
    const stream = streams.find(({ name }) => name === definition.stream)
    if (!stream) throw refuse('there is no such stream')
    return stream
  }
  const checked = checkUnion(definition, definition.union, streams, new WeakSet(), (_code, _node, message) => {
    throw refuse(message)
  })
  if (!checked) throw refuse('its branches do not go together')
  return checked.stream
}
