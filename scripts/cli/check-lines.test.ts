import { expect, it } from 'vitest'
import type { ReleaseCheck } from '../../contract/release-check.ts'
import { refusal, told } from '../../contract/release-words.ts'
import { checkLines } from './check-lines.ts'

const check: ReleaseCheck = {
  view: 'spend',
  fromVersion: 1,
  toVersion: 2,
  kind: 'new_features',
  atMs: 0,
  readsAgain: null,
  features: [
    { name: 'n', fate: 'kept', why: told('kept_same', { version: 1 }), before: 'n', after: 'n' },
    { name: 'newest', fate: 'built', why: told('built_from_log'), before: null, after: 'newest' },
  ],
  other: [],
  tables: [
    {
      kind: 'rows',
      fate: 'extended',
      columns: [{ expr: 'amount', readers: ['newest'], reused: false }],
      reachMs: 1,
      reachesFurther: false,
    },
  ],
  droppedColumns: 0,
  archive: null,
  reading: { from: 'backfill', historyEventTimeMs: null, events: 5000, eventsPerSecond: 1000, measuredBy: 4, tookMs: 5000 },
  memory: {
    estimateBytes: 3 * 1024 ** 2,
    limitBytes: 2 * 1024 ** 2,
    isLeast: false,
    basis: told('memory_of_job', { job: 1, stateBytes: 1024, keys: 3 }),
  },
  consumers: [told('consumer_reads', { reads: 9 })],
  warnings: [],
  refusals: [refusal('refused_memory', { estimateBytes: 3 * 1024 ** 2, limitBytes: 2 * 1024 ** 2 })],
  canProceed: false,
}

it('a line for each thing that the check found, refusals last and with the way out', () => {
  expect(checkLines(check)).toEqual([
    'spend v1 → v2: new_features',
    '  n       kept     Means the same in version 1: its state and its history go on.',
    '  newest  built    New: built from the log, up to the positions of the savepoint.',
    '  table rows: extended, with amount built',
    'reads: 5000 events of the log, up to the savepoint',
    'time: about 5 seconds, at 1000 events/s as release 4 read',
    'memory: about 3 MiB of 2 MiB. From what job 1 holds now: 1 KiB for 3 keys.',
    'readers: Reads by key: 9 answered since the engine started. Who asked is not recorded.',
    'REFUSED: The state would take about 3 MiB, and memoryLimit is 2 MiB. Raise memoryLimit for the view, make windows shorter, or give them a PRECISION.',
  ])
})

it('an archive is read first', () => {
  const archive = { rows: 9, minEventTimeMs: 0, maxEventTimeMs: 900, cutAtMs: 1000, absent: [], stamp: '' }
  expect(checkLines({ ...check, archive })).toContain(
    'reads: 9 rows of the archive, from 1970-01-01T00:00:00.000Z up to 1970-01-01T00:00:01.000Z, then',
  )
})

it('what is not known is said to be', () => {
  const unknown = checkLines({
    ...check,
    fromVersion: null,
    kind: 'new_job',
    readsAgain: told('again_history'),
    reading: { ...check.reading, from: 'log', eventsPerSecond: null, measuredBy: null, tookMs: null },
    memory: { ...check.memory, estimateBytes: null, basis: told('memory_unknown') },
  })
  expect(unknown).toContain('spend v– → v2: new_job')
  expect(unknown).toContain('the stream is read again: historyEventTime was given')
  expect(unknown).toContain('time: not known: nobody has measured yet how fast this stream is read')
  expect(unknown).toContain('memory: Not known before a job has run: it depends on how many keys there are.')
})
