/** The streams that a view version reads, as the database has them. */
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import { Field, type SourceSchema, type StreamSchema, type ViewDefinition } from '../../definition/model.ts'
import { sourceSchema } from '../../definition/union.ts'
import { streamsOf } from '../../definition/union-partitions.ts'

export interface StoredStream extends StreamSchema {
  readonly id: string
  readonly partitions: number
  readonly partitionBy: string | null
}

/** By branch: a stream that stands in two branches is there twice. @throws where one is not there */
export async function storedStreams(db: Db, definition: ViewDefinition): Promise<StoredStream[]> {
  const names = streamsOf(definition)
  const rows = await db.stream.findMany({ where: { name: { in: names } } })
  return names.map((name) => {
    const row = rows.find((candidate) => candidate.name === name)
    if (!row) throw new Error(`There is no stream ${name}, which the view reads.`)
    return { ...streamSchema(row), id: row.id, partitions: row.partitions, partitionBy: row.partitionBy }
  })
}

/** What the version sees of an event. */
export async function sourceOf(db: Db, definition: ViewDefinition): Promise<SourceSchema> {
  return sourceSchema(definition, await storedStreams(db, definition))
}

export const streamSchema = (row: { name: string; fields: unknown; eventTime: string }): StreamSchema => ({
  name: row.name,
  fields: z.array(Field).parse(row.fields),
  eventTime: row.eventTime,
})
