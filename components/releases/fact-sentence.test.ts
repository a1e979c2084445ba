import { describe, expect, it } from 'vitest'
import en from '../../messages/en/releases.json' with { type: 'json' }
import zh from '../../messages/zh-CN/releases.json' with { type: 'json' }
import { factValue, factValues, placeholders, plainFact, sentenceNames } from './fact-sentence.ts'

describe('facts as sentences', () => {
  it('tells the unit from the name', () => {
    expect(factValue('sizeBytes', 1536, 'en', 'utc')).toBe('1.5 KiB')
    expect(factValue('tookMs', 1100, 'en', 'utc')).toBe('1.1 s')
    expect(factValue('maxEventTimeMs', 0, 'en', 'utc')).toBe('1970-01-01 00:00:00')
    expect(factValue('jobId', 1234, 'en', 'utc')).toBe('1234')
    expect(factValue('events', 1234, 'en', 'utc')).toBe('1,234')
    expect(factValue('features', ['a', 'b'], 'en', 'utc')).toBe('a, b')
    expect(factValue('positions', { 0: 12000 }, 'en', 'utc')).toBe('0 12,000')
  })
  it('finds what a message needs, and what it wants as a number', () => {
    expect(placeholders('Job {jobId} read {events, plural, one {# event} other {# events}}.')).toEqual({
      all: ['jobId', 'events'],
      raw: new Set(['events']),
    })
  })
  it.each([
    ['savepoint_begun', { savepointId: 4, job: 1 }, 'savepoint_begun'],
    ['backfill_savepoint_begun', { savepointId: 5, job: 2 }, 'backfill_savepoint_begun'],
    ['backfill_throttled', { behindMs: 4000, limitMs: 2000 }, 'backfill_throttled'],
    ['backfill_resumed', { heldMs: 3000, behindMs: 0 }, 'backfill_resumed'],
    ['approved', { by: 'ada', byId: '1' }, 'approved'],
    ['waits_for_release', { releaseId: 3 }, 'waits_for_release'],
    ['waits_for_job', { job: 1 }, 'waits_for_job'],
    ['state', { from: 'QUEUED', to: 'CHECKED', toVersion: 2, replacesJob: 1 }, 'state_CHECKED'],
    ['state', { from: 'QUEUED', to: 'CHECKED', toVersion: 2, readsAgainBecause: 'its stream is another one' }, 'state_CHECKED_because'],
    ['state', { from: 'SAVEPOINTING', to: 'BACKFILLING', savepointId: 4, positions: { 0: 9 }, maxEventTimeMs: null }, 'state_BACKFILLING'],
    ['state', { from: 'SAVEPOINTING', to: 'STARTING', job: 2, savepointId: 4 }, 'state_STARTING_from_SAVEPOINTING'],
    ['state', { from: 'BACKFILLING', to: 'STARTING', job: 3, savepointId: 4 }, 'state_STARTING_from_BACKFILLING'],
    ['state', { from: 'CHECKED', to: 'STARTING', job: 2, historyEventTimeMs: null }, 'state_STARTING'],
    ['state', { from: 'CHECKED', to: 'STARTING', job: 2, historyEventTimeMs: null, savepointId: 4 }, 'state_STARTING_from_CHECKED'],
    ['state', { from: 'BACKFILLING', to: 'FAILED' }, 'state_FAILED'],
    ['state', { from: 'CATCHING_UP', to: 'COMPARING', job: 2, lagRecords: 3, maxEventTimeMs: 4 }, 'state_COMPARING'],
    ['state', { from: 'COMPARING', to: 'READY', job: 2, lagRecords: 3, maxEventTimeMs: 4 }, 'state_READY_from_COMPARING'],
    ['compare_begun', { attempt: 1, positions: { 0: 9 }, savepoint1: 4, savepoint2: 5, run: 1, job1: 1, job2: 2 }, 'compare_begun'],
    ['compare_again', { attempt: 1, why: 'Job 2 started anew meanwhile.' }, 'compare_again'],
    ['compared', { outcome: 'equal', keys: 9, sampledKeys: 0, blocking: [] }, 'compared_equal'],
    ['compared', { outcome: 'differs', keys: 9, sampledKeys: 9, blocking: ['spent'] }, 'compared_differs'],
    ['overruled', { by: 'kim', reason: 'it was wrong before' }, 'overruled'],
  ])('has the sentence for %s %j in both languages', (kind, payload, name) => {
    for (const [locale, facts] of [
      ['en', en.facts],
      ['zh-CN', zh.facts],
    ] as const) {
      const messages: Record<string, string> = facts
      const told = sentenceNames(kind, payload).find(
        (one) => messages[one] !== undefined && factValues(messages[one], payload, locale, 'utc'),
      )
      expect(told).toBe(name)
    }
  })
  it('gives no sentence with a hole in it', () => {
    expect(factValues('Job {jobId} started', {}, 'en', 'utc')).toBeNull()
    expect(factValues('Job {jobId} started', { jobId: 7 }, 'en', 'utc')).toEqual({ jobId: '7' })
  })
  it('keeps a kind that nobody foresaw readable', () => {
    expect(plainFact('backfill_paused', { lagMs: 2100 }, 'en', 'utc')).toBe('backfill paused: lagMs 2.1 s')
    expect(plainFact('odd', {}, 'en', 'utc')).toBe('odd')
  })
})
