import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHours, nextOpenMs, parseHours } from './cutover-hours.ts'

const HOUR_MS = 3_600_000
const at = (text: string) => Date.parse(text)
const opens = (hours: string, instant: string) => new Date(nextOpenMs(parseHours(hours), at(instant))).toISOString().slice(0, 16)

describe('hours as people write them', () => {
  it.each([
    ['any', 'any'],
    ['ANY', 'any'],
    ['9:00-17:00', '09:00-17:00 UTC'],
    [' mon - fri  09:00 - 17:30 ', 'Mon-Fri 09:00-17:30 UTC'],
    ['Sat 00:00-24:00, sun 00:00-24:00 Asia/Shanghai', 'Sat 00:00-24:00, Sun 00:00-24:00 Asia/Shanghai'],
    ['22:00-04:00 Europe/Berlin', '22:00-04:00 Europe/Berlin'],
    ['Fri-Mon 01:00-02:00', 'Fri-Mon 01:00-02:00 UTC'],
  ])('%s', (text, canonical) => {
    expect(formatHours(parseHours(text))).toBe(canonical)
    expect(formatHours(parseHours(canonical))).toBe(canonical)
  })
  it.each([
    ['', 'no hours'],
    ['25:00-26:00', 'no hours'],
    ['10:00-24:01', 'no hours'],
    ['10:00-10:00', 'begins when it ends'],
    ['Mox 10:00-11:00', 'is no day'],
    ['10:00-11:00 Mars/Olympus', 'is no time zone'],
    ['sometimes', 'no hours'],
  ])('%s is refused: %s', (text, why) => expect(() => parseHours(text)).toThrow(why))
})

describe('when it is next one of them', () => {
  it.each([
    ['any', '2026-03-04T12:34', '2026-03-04T12:34'],
    ['09:00-17:00', '2026-03-04T08:59', '2026-03-04T09:00'],
    ['09:00-17:00', '2026-03-04T09:00', '2026-03-04T09:00'],
    ['09:00-17:00', '2026-03-04T17:00', '2026-03-05T09:00'],
    ['Mon-Fri 09:00-17:00', '2026-03-06T18:00', '2026-03-09T09:00'], // a Friday evening
    ['22:00-04:00', '2026-03-04T03:59', '2026-03-04T03:59'],
    ['22:00-04:00', '2026-03-04T04:00', '2026-03-04T22:00'],
    ['Sat 22:00-04:00', '2026-03-08T03:00', '2026-03-08T03:00'], // the Saturday before goes on into Sunday
    ['Sat 22:00-04:00', '2026-03-08T04:00', '2026-03-14T22:00'],
    ['09:00-10:00 Asia/Shanghai', '2026-03-04T00:00', '2026-03-04T01:00'],
    ['02:30-03:30 Europe/Berlin', '2026-03-29T00:00', '2026-03-29T01:00'], // 02:30 does not come on that day: it is 03:00 already
  ])('%s, at %s: %s', (hours, instant, opening) => expect(opens(hours, `${instant}:00Z`)).toBe(opening))

  it('no minute between is one of them, and the answer is one', () => {
    const clock = fc
      .record({ h: fc.nat(23), m: fc.nat(59) })
      .map(({ h, m }) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
    const day = fc.constantFrom('', 'Sun ', 'Mon-Wed ', 'Fri-Sun ', 'Sat ')
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns')
    fc.assert(
      fc.property(day, clock, clock, zone, fc.integer({ min: 0, max: 400 * 24 }), (days, from, to, where, hour) => {
        fc.pre(from !== to)
        const hours = parseHours(`${days}${from}-${to} ${where}`)
        const start = at('2026-01-01T00:00:00Z') + hour * HOUR_MS
        const opening = nextOpenMs(hours, start)
        expect(nextOpenMs(hours, opening)).toBe(opening)
        for (let ms = start; ms < opening; ms += 17 * 60_000) expect(nextOpenMs(hours, ms)).toBe(opening)
      }),
      { numRuns: 40 },
    )
  })
})
