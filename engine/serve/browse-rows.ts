/** Pages of the online store and of the history of a view's authoritative job. */
import type { HistoryRows, OnlineRows, Scalar } from '../../contract/engine-api.ts'
import { streamPartition, streamsOf } from '../../definition/union-partitions.ts'
import { openHistoryReader } from '../sink/history-reader.ts'
import type { FeatureReads } from './read-features.ts'

const keyObject = (names: readonly string[], key: string): Record<string, Scalar> => {
  const values = JSON.parse(key) as Scalar[]
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]))
}

export async function onlineRows(
  reads: FeatureReads,
  view: string,
  query: { limit: number; after?: string | undefined; search?: string | undefined },
): Promise<OnlineRows> {
  const of = await reads.authority(view)
  const browser = reads.browser(of)
  const features = of.definition.features.map((feature) => feature.name)
  if (!browser) return { features, items: [], total: 0 }
  const { items, nextCursor, total } = browser.list(query)
  return {
    features,
    items: items.map((row) => ({
      key: keyObject(of.definition.key, row.key),
      asOfMs: row.version[0],
      ...(row.window && { window: row.window }),
      version: [...row.version],
      epoch: row.epoch,
      validUntilMs: row.validUntilMs,
      values: [...row.values],
    })),
    ...(nextCursor !== undefined && { nextCursor }),
    total,
  }
}

export async function historyRows(
  reads: FeatureReads,
  dataDir: string,
  view: string,
  query: { limit: number; before?: string | undefined; key?: string | undefined },
): Promise<HistoryRows> {
  const of = await reads.authority(view)
  const features = of.definition.features.map((feature) => feature.name)
  const streams = streamsOf(of.definition)
  const reader = openHistoryReader({ dataDir, view })
  if (!reader) return { features, items: [], total: 0 }
  try {
    const { items, nextCursor, total } = reader.list({ version: of.version, limit: query.limit, key: query.key, before: query.before })
    return {
      features,
      items: items.map((row) => ({
        key: keyObject(of.definition.key, row.key),
        ...(streams.length > 1 && !row.window ? streamPartition(streams, row.partition) : { partition: row.partition }),
        offset: row.offset,
        ...(row.window && { window: row.window }),
        eventTimeMs: row.eventTimeMs,
        viewVersion: row.viewVersion,
        values: [...row.values],
      })),
      ...(nextCursor !== undefined && { nextCursor }),
      total,
    }
  } finally {
    reader.close()
  }
}
