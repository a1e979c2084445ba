import { expect, it } from 'vitest'
import { CreateRelease } from '../../contract/http-api.ts'
import { askedArchive, emptyArchive } from './archive-draft.ts'

it('asks for what was entered, as the API takes it', () => {
  const path = ' 2001/flights.parquet '
  const asked = [
    askedArchive({ ...emptyArchive, path }),
    askedArchive({ ...emptyArchive, path, upTo: '2001-03-01' }),
    askedArchive({ ...emptyArchive, kind: 'table', path: 'a.duckdb', table: 'main.flights', query: 'of another kind' }),
    askedArchive({ ...emptyArchive, kind: 'query', path: 'a.duckdb', query: 'SELECT 1' }),
  ]
  expect(asked).toEqual([
    { source: { kind: 'parquet', path: '2001/flights.parquet' } },
    { source: { kind: 'parquet', path: '2001/flights.parquet' }, maxEventTime: Date.UTC(2001, 2, 1) },
    { source: { kind: 'duckdb', path: 'a.duckdb', table: 'main.flights' } },
    { source: { kind: 'duckdb', path: 'a.duckdb', query: 'SELECT 1' } },
  ])
  for (const archive of asked) expect(CreateRelease.safeParse({ view: 'v', version: 1, archive }).success).toBe(true)
})
it('asks for nothing while something is missing', () => {
  expect(askedArchive(emptyArchive)).toBeNull()
  expect(askedArchive({ ...emptyArchive, path: 'a.duckdb', kind: 'table' })).toBeNull()
  expect(askedArchive({ ...emptyArchive, path: 'a.duckdb', kind: 'query', query: ' ' })).toBeNull()
  expect(askedArchive({ ...emptyArchive, path: 'a.parquet', upTo: 'some day' })).toBeNull()
})
