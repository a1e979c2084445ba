import type { ReactNode } from 'react'

export type Tone = 'ok' | 'run' | 'warn' | 'bad' | 'job1' | 'job2' | 'plain'
const shapes = { ok: '✓', run: '◔', warn: '▲', bad: '✕', job1: null, job2: null, plain: null } as const

/** A word with a shape; colour only repeats what they say. `shape={null}` leaves it out, a string replaces it. */
export function Chip({
  tone = 'plain',
  shape = shapes[tone],
  title,
  children,
}: {
  tone?: Tone
  shape?: string | null
  title?: string
  children: ReactNode
}) {
  return (
    <span className={`chip ${tone === 'plain' ? '' : tone}`} title={title}>
      {shape && <span aria-hidden="true">{shape}</span>}
      {children}
    </span>
  )
}
