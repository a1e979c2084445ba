import { describe, expect, test } from 'vitest'
import { ReleaseState } from './http-api.ts'
import { endedStates, RELEASE_KINDS, type ReleaseEvent, stepsOfKind, transition } from './release-machine.ts'

/** What follows, by kind and state: after a done step, an abort, a failure, a roll back; – where the event means nothing. */
const EXPECTED: Record<(typeof RELEASE_KINDS)[number], string> = {
  new_job: `
    DRAFT        –            –       –      –
    QUEUED       CHECKED      ABORTED FAILED –
    CHECKED      STARTING     ABORTED FAILED –
    SAVEPOINTING –            –       –      –
    BACKFILLING  –            –       –      –
    STARTING     CATCHING_UP  ABORTED FAILED –
    CATCHING_UP  READY        ABORTED FAILED –
    COMPARING    –            –       –      –
    READY        CUTTING_OVER ABORTED FAILED –
    CUTTING_OVER DONE         –       –      –
    SOAKING      –            –       –      –
    DONE         –            –       –      –
    ABORTED      –            –       –      –
    ROLLED_BACK  –            –       –      –
    FAILED       –            –       –      –`,
  change: `
    DRAFT        –            –       –      –
    QUEUED       CHECKED      ABORTED FAILED –
    CHECKED      STARTING     ABORTED FAILED –
    SAVEPOINTING –            –       –      –
    BACKFILLING  –            –       –      –
    STARTING     CATCHING_UP  ABORTED FAILED –
    CATCHING_UP  COMPARING    ABORTED FAILED –
    COMPARING    READY        ABORTED FAILED –
    READY        CUTTING_OVER ABORTED FAILED –
    CUTTING_OVER SOAKING      –       –      –
    SOAKING      DONE         –       –      ROLLED_BACK
    DONE         –            –       –      –
    ABORTED      –            –       –      –
    ROLLED_BACK  –            –       –      –
    FAILED       –            –       –      –`,
  new_features: `
    DRAFT        –            –       –      –
    QUEUED       CHECKED      ABORTED FAILED –
    CHECKED      SAVEPOINTING ABORTED FAILED –
    SAVEPOINTING BACKFILLING  ABORTED FAILED –
    BACKFILLING  STARTING     ABORTED FAILED –
    STARTING     CATCHING_UP  ABORTED FAILED –
    CATCHING_UP  COMPARING    ABORTED FAILED –
    COMPARING    READY        ABORTED FAILED –
    READY        CUTTING_OVER ABORTED FAILED –
    CUTTING_OVER SOAKING      –       –      –
    SOAKING      DONE         –       –      ROLLED_BACK
    DONE         –            –       –      –
    ABORTED      –            –       –      –
    ROLLED_BACK  –            –       –      –
    FAILED       –            –       –      –`,
  rescale: `
    DRAFT        –            –       –      –
    QUEUED       CHECKED      ABORTED FAILED –
    CHECKED      SAVEPOINTING ABORTED FAILED –
    SAVEPOINTING STARTING     ABORTED FAILED –
    BACKFILLING  –            –       –      –
    STARTING     CATCHING_UP  ABORTED FAILED –
    CATCHING_UP  COMPARING    ABORTED FAILED –
    COMPARING    READY        ABORTED FAILED –
    READY        CUTTING_OVER ABORTED FAILED –
    CUTTING_OVER SOAKING      –       –      –
    SOAKING      DONE         –       –      ROLLED_BACK
    DONE         –            –       –      –
    ABORTED      –            –       –      –
    ROLLED_BACK  –            –       –      –
    FAILED       –            –       –      –`,
}
const EVENTS: readonly ReleaseEvent[] = ['step_done', 'abort', 'fail', 'roll_back']

describe.each(RELEASE_KINDS)('a release of kind %s', (kind) => {
  const rows = EXPECTED[kind]
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))

  test('every state is in the table', () => {
    expect(rows.map(([state]) => state)).toEqual(ReleaseState.options)
  })
  test.each(rows)('%s: done %s, abort %s, fail %s, roll back %s', (...row) => {
    const state = ReleaseState.parse(row[0])
    for (const [i, event] of EVENTS.entries()) expect([event, transition(kind, state, event) ?? '–']).toEqual([event, row[i + 1]])
  })
  test('every path ends, and nothing leads out of an end', () => {
    expect(stepsOfKind(kind).at(-1)).toBe('DONE')
    for (const state of endedStates) for (const event of EVENTS) expect(transition(kind, state, event)).toBeNull()
  })
})
