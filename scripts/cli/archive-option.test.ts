import { expect, it } from 'vitest'
import { askedArchive } from './archive-option.ts'

const asked = (options: Parameters<typeof askedArchive>[0]) => askedArchive(options, (option, text) => `${option} ${text}`)

it('a path is a Parquet file, with a table or a query a DuckDB database', () => {
  expect(asked({})).toBeUndefined()
  expect(asked({ archive: 'a.parquet', 'max-event-time': '5' })).toEqual({
    source: { kind: 'parquet', path: 'a.parquet' },
    maxEventTime: 'max-event-time 5',
  })
  expect(asked({ archive: 'a.duckdb', 'archive-table': 'rows' })).toEqual({ source: { kind: 'duckdb', path: 'a.duckdb', table: 'rows' } })
  expect(asked({ archive: 'a.duckdb', 'archive-query': 'SELECT 1' })).toEqual({
    source: { kind: 'duckdb', path: 'a.duckdb', query: 'SELECT 1' },
  })
})
it('what does not fit together is said', () => {
  expect(asked({ 'archive-table': 'rows' })).toBe('--archive-table says more of an archive: give --archive PATH too.')
  expect(asked({ 'max-event-time': '5' })).toBe('--max-event-time says more of an archive: give --archive PATH too.')
  expect(asked({ archive: 'a', 'archive-table': 'rows', 'archive-query': 'SELECT 1' })).toContain('not both')
})
