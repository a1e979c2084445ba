import { expect, test } from 'vitest'
import { backOff } from './back-off.ts'

test('restartBackoff: doubles from the first pause to the longest, and begins again after a good run', () => {
  const pause = backOff()
  const range = { fromMs: 1000, toMs: 60_000 }
  expect(Array.from({ length: 8 }, () => pause.next(range, 5))).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  expect(pause.next(range, 40_000)).toBe(1000)
  expect(pause.next({ fromMs: 10, toMs: 15 }, 5)).toBe(15)
})
