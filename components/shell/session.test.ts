import { expect, it, vi } from 'vitest'

vi.mock('../api.ts', () => ({ send: () => Promise.resolve(null) }))
const { nextPage } = await import('./session.ts')

it('goes on to pages of ours only', () => {
  expect(nextPage('?next=%2Fjobs%2F4%3Ftab%3Da')).toBe('/jobs/4?tab=a')
  expect(nextPage('')).toBe('/')
  for (const elsewhere of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'])
    expect(nextPage(`?next=${encodeURIComponent(elsewhere)}`)).toBe('/')
})
