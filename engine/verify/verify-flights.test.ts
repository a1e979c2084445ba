import { expect, test } from 'vitest'
import { compareFlights, type Comparison } from './flights-oracle.fixture.ts'

const equal = ({ rows, values, mismatches, examples }: Comparison, wanted: number) => {
  expect(examples).toEqual([])
  expect({ rows, values, mismatches }).toEqual({ rows: wanted, values: wanted * 30, mismatches: 0 })
}

for (const road of ['compiled', 'plain'] as const) {
  test(`ten operators over three windows on 100,000 flights in event_time order equal DuckDB, ${road} road`, async () => {
    const found = await compareFlights({ rows: road === 'compiled' ? 100_000 : 30_000, order: 'event_time', road })
    expect(found.road).toBe(road)
    equal(found, road === 'compiled' ? 100_000 : 30_000)
  })

  test(`in arrival order, of flights that come up to two hours late, they equal a self-join bounded by position, ${road} road`, async () => {
    equal(await compareFlights({ rows: 5000, order: 'arrival', road }), 5000)
  })
}
