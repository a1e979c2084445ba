import type { ReactNode } from 'react'
import { Entrance } from '@/components/entrance/entrance.tsx'

export default function EntryLayout({ children }: { children: ReactNode }) {
  return <Entrance>{children}</Entrance>
}
