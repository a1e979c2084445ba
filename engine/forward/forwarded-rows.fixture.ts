/** For tests: all rows that a reader of the stream sees, in order. */
import { openEmbeddedSource } from '../source/embedded-source.ts'

export async function forwardedRows(dataDir: string, stream: string): Promise<Record<string, unknown>[]> {
  const source = openEmbeddedSource({ dataDir, stream, partitions: 1 })
  source.open({ 0: source.partitions()[0]!.logStart })
  const rows: Record<string, unknown>[] = []
  for (let batches = source.poll(10_000); batches.length > 0; batches = source.poll(10_000))
    for (const { data, count, valueStart, valueEnd } of batches)
      for (let i = 0; i < count; i++)
        rows.push(JSON.parse(Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString()) as Record<string, unknown>)
  await source.close()
  return rows
}
