/** The three million flights as NDJSON batches, the stream and the view of the demo. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Flights, openFlights } from '../../engine/demo/flights.ts'

export const flightsStream = {
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

export const originDelays = `SELECT /*+ ORDER('event_time') READ_CLOCK('event') */ origin,
       COUNT(*)                             OVER w3h  AS departures_3h,
       AVG(delay)                           OVER w3h  AS delay_avg_3h,
       COUNT(*) FILTER (WHERE delay > 15)   OVER w3h  AS delayed_3h,
       COUNT(DISTINCT destination)          OVER w24h AS destinations_24h,
       delayed_3h::double / NULLIF(departures_3h, 0)  AS delayed_share_3h
FROM flights
WINDOW w3h  AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '3' HOUR PRECEDING AND CURRENT ROW),
       w24h AS (PARTITION BY origin ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY  PRECEDING AND CURRENT ROW)`

export const readFlights = (): Promise<Flights> =>
  openFlights(join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet'))
