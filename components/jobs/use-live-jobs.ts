'use client'
/** Jobs as the engine reports them, once a second over SSE; one connection for the whole page. Polls go on beside it: without the stream a page is only slower. */
import { useCallback, useSyncExternalStore } from 'react'
import type { z } from 'zod'
import { LiveJobs } from '@/contract/engine-api.ts'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { usePreferences } from '../ui/preferences.tsx'

type Frame = z.infer<typeof LiveJobs>
let frame: Frame | null = null
let source: EventSource | null = null
const listeners = new Set<() => void>()

function open() {
  source = new EventSource('/api/v1/live')
  source.addEventListener('jobs', (event) => {
    let data: unknown
    try {
      data = JSON.parse((event as MessageEvent<string>).data)
    } catch {
      return
    }
    const parsed = LiveJobs.safeParse(data)
    if (!parsed.success) return
    frame = parsed.data
    for (const listener of listeners) listener()
  })
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  if (!source) open()
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    source?.close()
    source = null
    frame = null
  }
}
const none = () => () => {}

/** The newest frame, or null: not connected, paused, or nothing came yet. */
export function useLiveJobs(): Frame | null {
  const { paused } = usePreferences()
  const read = useCallback(() => frame, [])
  return useSyncExternalStore(paused ? none : subscribe, read, () => null)
}

/** Whichever of the polled and the streamed metrics is newer. */
export function newerMetrics(polled: JobMetrics | null | undefined, live: JobMetrics | null | undefined): JobMetrics | null {
  if (!polled || !live) return live ?? polled ?? null
  return live.atMs > polled.atMs ? live : polled
}
