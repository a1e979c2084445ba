import { expect, it } from 'vitest'
import en from '../messages/en/releases.json' with { type: 'json' }
import { RELEASE_WORDS, refusal, told } from './release-words.ts'
import { fill } from './told.ts'

it('the English screens say what everybody else reads', () => expect(en.told).toEqual(RELEASE_WORDS))

it('every refusal has a way out', () => {
  const words = Object.keys(RELEASE_WORDS)
  for (const word of words.filter((one) => one.startsWith('refused_') && !one.endsWith('_way'))) expect(words).toContain(`${word}_way`)
})

it('values are written by the unit that their name says', () => {
  expect(
    fill('{logFromMs}, {tookMs}, {limitBytes}, {keys}, {features}, {nothing}', {
      logFromMs: 0,
      tookMs: 90_000,
      limitBytes: 1.5 * 1024 ** 3,
      keys: 1234,
      features: ['a', 'b'],
    }),
  ).toBe('1970-01-01T00:00:00.000Z, 90 seconds, 1.5 GiB, 1234, a, b, {nothing}')
  expect(told('again_job', { job: 7 })).toEqual({
    code: 'again_job',
    values: { job: 7 },
    text: 'job 7 does not run and cannot give its state',
  })
  expect(refusal('refused_busy', { release: 3, state: 'READY' })).toMatchObject({
    why: { text: 'Release 3 of this view is under way (READY).' },
    way: { code: 'refused_busy_way' },
  })
})
