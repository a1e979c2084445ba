/** The embedded source of what a view reads: one stream, or the streams of a union. */
import { openEmbeddedSource } from './embedded-source.ts'
import type { Source } from './port.ts'
import type { StreamShape } from './stream-logs.ts'
import { unionSource } from './union-source.ts'

/** `branches`: of a union, in the order of the view's. */
export function openSource(dataDir: string, stream: StreamShape, branches?: readonly StreamShape[]): Source {
  const open = ({ name, partitions }: StreamShape) => openEmbeddedSource({ dataDir, stream: name, partitions })
  return branches ? unionSource(branches.map((one) => ({ stream: one.name, source: open(one) }))) : open(stream)
}
