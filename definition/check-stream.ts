/** The streams that a definition names: whether they are there, and fit to be read. */
import { listNames, type Report } from './check-scope.ts'
import type { StreamSchema } from './model.ts'
import { didYouMean } from './suggest.ts'
import { isValidType } from './types.ts'

/** `node`: the part of the definition whose `stream` it is. Undefined: there is none of this name, and that is reported. */
export function checkStream(node: { readonly stream: string }, streams: readonly StreamSchema[], report: Report): StreamSchema | undefined {
  const stream = streams.find(({ name }) => name === node.stream)
  if (!stream) {
    const names = streams.map(({ name }) => name)
    const hint = didYouMean(node.stream, names) ?? (names.length ? `streams are ${listNames(names)}` : 'create a stream first')
    report('unknown_stream', node, `there is no stream \`${node.stream}\``, hint, 'stream')
    return undefined
  }
  const refuse = (message: string) => report('bad_stream', node, message, 'correct the stream', 'stream')
  const time = stream.fields.find(({ name }) => name === stream.eventTime)
  if (time?.type !== 'timestamp') refuse(`stream \`${stream.name}\` has no timestamp field \`${stream.eventTime}\` for its event time`)
  for (const { name, type } of stream.fields) if (!isValidType(type)) refuse(`field \`${name}\` has a type that does not exist: ${type}`)
  return stream
}
