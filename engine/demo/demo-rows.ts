/** The demo's stream, views and releases in the database: each made once, by the roads that a person's own take. */
import { randomUUID } from 'node:crypto'
import { definitionHash } from '../../definition/feature-id.ts'
import type { StreamSchema } from '../../definition/model.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { printView } from '../../definition/print-sql.ts'
import type { EngineContext } from '../supervise/context.ts'

const BY = 'demo'
export const FLIGHTS: StreamSchema = {
  name: 'flights',
  fields: [
    { name: 'event_time', type: 'timestamp' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
    { name: 'delay', type: 'int' },
    { name: 'distance', type: 'int' },
  ],
  eventTime: 'event_time',
}

const VIEWS = [
  {
    name: 'origin_delays',
    sql: `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */ origin,
       COUNT(*)                             OVER w3h  AS departures_3h,
       AVG(delay)                           OVER w3h  AS delay_avg_3h,
       COUNT(*) FILTER (WHERE delay > 15)   OVER w3h  AS delayed_3h,
       COUNT(DISTINCT destination)          OVER w24h AS destinations_24h,
       delayed_3h::double / NULLIF(departures_3h, 0)  AS delayed_share_3h
FROM flights
WINDOW w3h  AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW),
       w24h AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY  PRECEDING AND CURRENT ROW)`,
  },
  {
    name: 'route_delays',
    sql: `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */ origin, destination,
       COUNT(*)   OVER w24h AS flights_24h,
       AVG(delay) OVER w24h AS delay_avg_24h,
       MAX(delay) OVER w24h AS delay_max_24h,
       LAST(delay) OVER w24h AS delay_last
FROM flights
WINDOW w24h AS (PARTITION BY origin, destination ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)`,
  },
]

/** False: a person's own stream has this name already. */
export async function ensureDemoRows({ db }: EngineContext): Promise<boolean> {
  const found = await db.stream.findUnique({ where: { name: FLIGHTS.name } })
  if (found) return found.createdBy === BY
  await db.stream.create({
    data: {
      id: randomUUID(),
      name: FLIGHTS.name,
      fields: FLIGHTS.fields,
      eventTime: FLIGHTS.eventTime,
      partitions: 1,
      source: { kind: 'embedded' },
      note: '3,000,000 US flights of 2001 (vega-datasets)',
      createdBy: BY,
    },
  })
  return true
}

export async function releaseDemoViews({ db, now, wake }: EngineContext & { wake: () => void }): Promise<void> {
  const stream = await db.stream.findUniqueOrThrow({ where: { name: FLIGHTS.name } })
  for (const { name, sql } of VIEWS) {
    if (await db.view.findUnique({ where: { name } })) continue
    const { checked, problems } = await parseView(sql, [FLIGHTS])
    if (!checked) throw new Error(`the demo's view ${name} has problems: ${JSON.stringify(problems)}`)
    const { definition } = checked
    await db.$transaction(async (tx) => {
      const view = await tx.view.create({ data: { id: randomUUID(), name, streamId: stream.id, latestVersion: 1, createdBy: BY } })
      await tx.authority.create({ data: { viewId: view.id } })
      await tx.viewVersion.create({
        data: {
          id: randomUUID(),
          viewId: view.id,
          version: 1,
          sql: printView(definition),
          definition,
          definitionHash: definitionHash(definition),
          featureTypes: checked.featureTypes,
          createdBy: BY,
        },
      })
      const at = new Date(now())
      const release = await tx.release.create({
        data: {
          viewId: view.id,
          kind: 'new_job',
          toVersion: 1,
          state: 'QUEUED',
          stateSince: at,
          request: { mode: 'automatic', parallelism: 1 },
          createdBy: BY,
        },
      })
      await tx.releaseFact.createMany({
        data: [
          { releaseId: release.id, generation: 1, at, kind: 'created', payload: { by: BY } },
          { releaseId: release.id, generation: 1, at, kind: 'state', payload: { from: null, to: 'QUEUED' } },
        ],
      })
    })
    wake()
  }
}
