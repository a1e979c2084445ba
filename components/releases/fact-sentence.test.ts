import { describe, expect, it } from 'vitest'
import { factValue, factValues, placeholders, plainFact } from './fact-sentence.ts'

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
  it('gives no sentence with a hole in it', () => {
    expect(factValues('Job {jobId} started', {}, 'en', 'utc')).toBeNull()
    expect(factValues('Job {jobId} started', { jobId: 7 }, 'en', 'utc')).toEqual({ jobId: '7' })
  })
  it('keeps a kind that nobody foresaw readable', () => {
    expect(plainFact('backfill_paused', { lagMs: 2100 }, 'en', 'utc')).toBe('backfill paused: lagMs 2.1 s')
    expect(plainFact('odd', {}, 'en', 'utc')).toBe('odd')
  })
})
