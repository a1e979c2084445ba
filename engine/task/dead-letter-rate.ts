/**
 * When there is too much garbage to go on (semantics.md 22): the share of refused events among the recent ones, once at least
 * 100 have been seen. Old counts fade by halving, so that a long good past does not hide a bad present. Depends on the events
 * alone, never on time or batches.
 */
export const DEAD_LETTER_RATE_MINIMUM = 100
const FADE_AT = 10_000

export interface DeadLetterRate {
  refused: number
  total: number
}

/** Counts one event; false: the limit is passed. */
export function countForRate(rate: DeadLetterRate, refused: boolean, limit: number): boolean {
  rate.total++
  if (refused) rate.refused++
  const within = rate.total < DEAD_LETTER_RATE_MINIMUM || rate.refused / rate.total <= limit
  if (rate.total >= FADE_AT) {
    rate.total /= 2
    rate.refused /= 2
  }
  return within
}

export class TooManyDeadLetters extends Error {
  override readonly name = 'TooManyDeadLetters'
  constructor(rate: DeadLetterRate, limit: number, last: string) {
    super(
      `${Math.round((100 * rate.refused) / rate.total)} % of the last ${Math.round(rate.total)} events were refused, more than deadLetterRateLimit (${limit}) allows; the last one because ${last}. ` +
        'Correct what sends them or the stream’s schema, or raise deadLetterRateLimit, and start again: nothing is lost, the position has not moved past the last checkpoint.',
    )
  }
}
