'use client'
/** What a page has seen since it was opened, as samples for its charts. A new instant makes a new sample; the same one none. */
import { useEffect, useState } from 'react'
import { collect, type Sample } from './series.ts'

const keepMs = 15 * 60_000

/** `atMs` null: nothing known now, so nothing is added and the chart shows a gap. */
export function useSamples(atMs: number | null, values: readonly (number | null)[]): Sample[] {
  const [samples, setSamples] = useState<Sample[]>([])
  const key = JSON.stringify(values)
  useEffect(() => {
    if (atMs === null) return
    setSamples((known) => collect(known, { atMs, values: JSON.parse(key) }, keepMs))
  }, [atMs, key])
  return samples
}
