/** Pieces of the byte extractor that need no generating: what is skipped is still checked to be JSON, as JSON.parse would. */
const MAX_DEPTH = 64
const DAY_MS = 86_400_000
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Behind the string whose first character stands at `p`; −1: unusual (an escape, a control character) or cut off. */
export function skipString(b: Uint8Array, p: number, end: number): number {
  for (; p < end; p++) {
    const c = b[p]!
    if (c === 34) return p + 1
    if (c === 92 || c < 32) return -1
  }
  return -1
}

/** Behind the number that begins at `p`, by JSON's grammar; −1: it is none. */
export function skipNumber(b: Uint8Array, p: number, end: number): number {
  if (b[p] === 45) p++
  const first = p
  while (p < end && isDigit(b[p]!)) p++
  if (p === first || (b[first] === 48 && p - first > 1)) return -1
  if (p < end && b[p] === 46) {
    const fraction = ++p
    while (p < end && isDigit(b[p]!)) p++
    if (p === fraction) return -1
  }
  if (p < end && (b[p] === 101 || b[p] === 69)) {
    p++
    if (b[p] === 43 || b[p] === 45) p++
    const exponent = p
    while (p < end && isDigit(b[p]!)) p++
    if (p === exponent) return -1
  }
  return p
}

const isDigit = (c: number): boolean => c >= 48 && c <= 57

function skipBlank(b: Uint8Array, p: number, end: number): number {
  while (p < end && (b[p] === 32 || b[p] === 10 || b[p] === 13 || b[p] === 9)) p++
  return p
}

/** Behind the value that begins at `p`; −1: unusual or no JSON, so that the plain extractor has to say. */
export function skipValue(b: Uint8Array, p: number, end: number, depth = 0): number {
  if (p >= end) return -1
  switch (b[p]) {
    case 34:
      return skipString(b, p + 1, end)
    case 116: // true
      return b[p + 1] === 114 && b[p + 2] === 117 && b[p + 3] === 101 ? p + 4 : -1
    case 102: // false
      return b[p + 1] === 97 && b[p + 2] === 108 && b[p + 3] === 115 && b[p + 4] === 101 ? p + 5 : -1
    case 110: // null
      return b[p + 1] === 117 && b[p + 2] === 108 && b[p + 3] === 108 ? p + 4 : -1
    case 123:
    case 91:
      return depth < MAX_DEPTH ? skipNested(b, p, end, depth + 1) : -1
    default:
      return skipNumber(b, p, end)
  }
}

function skipNested(b: Uint8Array, p: number, end: number, depth: number): number {
  const isObject = b[p] === 123
  const close = isObject ? 125 : 93
  p = skipBlank(b, p + 1, end)
  if (p < end && b[p] === close) return p + 1
  for (;;) {
    if (isObject) {
      if (b[p] !== 34) return -1
      p = skipString(b, p + 1, end)
      if (p < 0) return -1
      p = skipBlank(b, p, end)
      if (p >= end || b[p] !== 58) return -1
      p = skipBlank(b, p + 1, end)
    }
    p = skipValue(b, p, end, depth)
    if (p < 0) return -1
    p = skipBlank(b, p, end)
    if (p >= end) return -1
    if (b[p] === close) return p + 1
    if (b[p] !== 44) return -1
    p = skipBlank(b, p + 1, end)
  }
}

/** Epoch ms of `YYYY-MM-DDTHH:MM:SS[.fff]Z` in [p, end); NaN: written otherwise, the plain extractor reads it. */
export function readIsoUtc(b: Uint8Array, p: number, end: number): number {
  const length = end - p
  if ((length !== 20 && length !== 24) || b[end - 1] !== 90) return Number.NaN
  if (b[p + 4] !== 45 || b[p + 7] !== 45 || b[p + 10] !== 84 || b[p + 13] !== 58 || b[p + 16] !== 58) return Number.NaN
  const year = twoDigits(b, p) * 100 + twoDigits(b, p + 2)
  const month = twoDigits(b, p + 5)
  const day = twoDigits(b, p + 8)
  const hour = twoDigits(b, p + 11)
  const minute = twoDigits(b, p + 14)
  const second = twoDigits(b, p + 17)
  if (!(year >= 1600 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > MONTH_DAYS[month - 1]! + (leap && month === 2 ? 1 : 0)) return Number.NaN
  let ms = 0
  if (length === 24) {
    if (b[p + 19] !== 46 || !isDigit(b[p + 22]!)) return Number.NaN
    ms = twoDigits(b, p + 20) * 10 + b[p + 22]! - 48
  }
  return daysSinceEpoch(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms
}

function twoDigits(b: Uint8Array, p: number): number {
  const high = b[p]!
  const low = b[p + 1]!
  return isDigit(high) && isDigit(low) ? (high - 48) * 10 + low - 48 : Number.NaN
}

/** Days of the proleptic Gregorian calendar since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
