/**
 * Numbers as two doubles, the second below the first one's precision (Dekker 1971): enough digits to take squares in and out of a sum again
 * and to subtract what is nearly equal. Squares of values beyond 1e150 leave the doubles.
 */
const SPLITTER = 2 ** 27 + 1

/** What x · y has below the precision of `product`, which is that rounded to a double. */
function productRest(x: number, y: number, product: number): number {
  const [c, d] = [SPLITTER * x, SPLITTER * y]
  const [xHigh, yHigh] = [c - (c - x), d - (d - y)]
  const [xLow, yLow] = [x - xHigh, y - yHigh]
  return xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow)
}

export const squareRest = (x: number, square: number): number => productRest(x, x, square)

/** Of n values, the sum of their squared distances from the mean: Σx² − (Σx)² ÷ n. */
export function sumOfDeviations(n: number, sum: number, sumLow: number, squares: number, squaresLow: number): number {
  const high = sum + sumLow
  const low = sumLow - (high - sum)
  const square = high * high
  const part = square / n
  const whole = part * n
  const rest = square - whole - productRest(part, n, whole) + squareRest(high, square) + 2 * high * low
  return Math.max(0, squares - part + (squaresLow - rest / n))
}
