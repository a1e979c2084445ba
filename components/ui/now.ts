'use client'
/** One clock for all relative times of a page: ticks once a second. */
import { useSyncExternalStore } from 'react'

let nowMs = 0
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
const read = () => {
  if (Date.now() - nowMs > 1500) nowMs = Date.now()
  return nowMs
}

/** Epoch ms, to the second; 0 on the server. */
export const useNow = () => useSyncExternalStore(subscribe, read, () => 0)
