import { expect, test } from 'vitest'
import { Lease } from './lease.ts'

test('DESIGN §5.11: a job whose lease is old stops itself by the monotonic clock, and a renewal read late does not revive it', () => {
  let nowMs = 0
  const lease = new Lease(() => nowMs, 100)
  nowMs = 100
  expect(lease.expired).toBe(false)
  lease.renew(50)
  nowMs = 150
  expect(lease.expired).toBe(false)
  nowMs = 151 // SIGSTOP, SIGCONT
  lease.renew(1000)
  expect(lease.expired).toBe(true)
})
