/** Failed sign-ins: so many in a while per address, and per account. In memory: a restart forgets them, an attacker can't cause one. */
import { EvenflowError } from '../../contract/errors.ts'

const windowMs = 5 * 60_000
const allowed = { address: 30, account: 10 }
const remembered = 10_000

export type SignInLimit = ReturnType<typeof createSignInLimit>

export function createSignInLimit() {
  const failures = new Map<string, number[]>()
  const recent = (key: string, nowMs: number) => (failures.get(key) ?? []).filter((at) => nowMs - at < windowMs)
  const keys = (address: string | null, email: string): [string, number][] => [
    [`address ${address ?? 'unknown'}`, allowed.address],
    [`account ${email.toLowerCase()}`, allowed.account],
  ]
  return {
    check(address: string | null, email: string, nowMs: number): void {
      for (const [key, limit] of keys(address, email)) {
        const list = recent(key, nowMs)
        if (list.length < limit) continue
        const waitS = Math.ceil((list[list.length - limit]! + windowMs - nowMs) / 1000)
        throw new EvenflowError('too_many_requests', 'Too many attempts to sign in failed.', {
          hint: `Wait ${waitS} seconds, then try again.`,
          details: { retryAfterSeconds: waitS },
        })
      }
    },
    failed(address: string | null, email: string, nowMs: number): void {
      if (failures.size > remembered) for (const key of failures.keys()) if (recent(key, nowMs).length === 0) failures.delete(key)
      for (const [key] of keys(address, email)) failures.set(key, [...recent(key, nowMs), nowMs])
    },
    succeeded(email: string): void {
      failures.delete(`account ${email.toLowerCase()}`)
    },
  }
}
