import { expect, test } from 'vitest'
import { KEY_GROUPS, keyGroupOf, keyGroupRange, murmur3 } from './hash.ts'

test.each([
  ['', 0],
  ['a', 0x3c2569b2],
  ['abc', 0xb3dd93fa],
  ['test', 0xba6bd213],
  ['Hello, world!', 0xc0363e43],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
])('murmur3-32 of %j is the published one: semantics 9, the hash is fixed for ever', (text, expected) =>
  expect(murmur3(Buffer.from(text))).toBe(expected),
)

test('semantics 9: key groups of known keys', () => {
  expect(['["ORD"]', '["a"]', '["é😀",5]', `["${'x'.repeat(400)}"]`].map(keyGroupOf)).toEqual(
    ['["ORD"]', '["a"]', '["é😀",5]', `["${'x'.repeat(400)}"]`].map((key) => murmur3(Buffer.from(key)) % 128),
  )
  expect(keyGroupOf('["ORD"]')).toBe(21)
})

test('semantics 9: every group belongs to exactly one subtask, at any parallelism', () => {
  for (let parallelism = 1; parallelism <= KEY_GROUPS; parallelism++) {
    const groups = Array.from({ length: parallelism }, (_, i) => keyGroupRange(i, parallelism)).flatMap(({ from, to }) =>
      Array.from({ length: to - from }, (_, k) => from + k),
    )
    expect(groups).toEqual(Array.from({ length: KEY_GROUPS }, (_, group) => group))
  }
})
