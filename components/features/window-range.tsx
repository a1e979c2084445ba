import type { WindowSpan } from '@/contract/engine-api.ts'
import { Time } from '../ui/time.tsx'

/** The window that a row stands for, [start, end). */
export function WindowRange({ value }: { value: WindowSpan | null | undefined }) {
  if (!value) return <span className="dim">–</span>
  return (
    <span>
      <Time value={value.startMs} mode="exact" /> – <Time value={value.endMs} mode="exact" />
    </span>
  )
}
