import fc from 'fast-check'
import { expect, test } from 'vitest'
import { squareRest, sumOfDeviations } from './two-doubles.ts'

/** value + error of a + b, nothing lost (Knuth's TwoSum) */
function add(total: [number, number], value: number, rest = 0): void {
  const [a] = total
  const b = a + value
  const c = b - a
  total[0] = b
  total[1] += a - (b - c) + (value - c) + rest
}

const whole = fc.integer({ min: -(2 ** 50), max: 2 ** 50 })

test('a square and its rest are the whole square', () => {
  fc.assert(
    fc.property(whole, (x) => {
      const square = x * x
      expect(BigInt(square) + BigInt(squareRest(x, square))).toBe(BigInt(x) ** 2n)
    }),
  )
})

test('squared distances from the mean are right however far the mean lies from 0, and after others came and went', () => {
  const near = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 })
  const far = fc.integer({ min: -(2 ** 42), max: 2 ** 42 })
  fc.assert(
    fc.property(near, far, fc.array(far, { maxLength: 20 }), (distances, mean, gone) => {
      const [sum, squares]: [number, number][] = [
        [0, 0],
        [0, 0],
      ]
      const values = distances.map((distance) => mean + distance)
      for (const x of [...gone, ...values]) {
        add(sum!, x)
        add(squares!, x * x, squareRest(x, x * x))
      }
      for (const x of gone) {
        add(sum!, -x)
        add(squares!, -(x * x), -squareRest(x, x * x))
      }
      const n = BigInt(values.length)
      const exact = values.map(BigInt)
      const scaled = n * exact.reduce((total, x) => total + x * x, 0n) - exact.reduce((total, x) => total + x, 0n) ** 2n
      const found = sumOfDeviations(values.length, sum![0], sum![1], squares![0], squares![1])
      expect(found).toBeCloseTo(Number(scaled) / values.length, 1)
    }),
  )
})
