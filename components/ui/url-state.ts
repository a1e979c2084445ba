'use client'
/** One value in the address: shareable, survives a reload, back to the default takes it out. */
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

export function useUrlState(key: string): [string | null, (value: string | null) => void] {
  const params = useSearchParams()
  const path = usePathname()
  const set = useCallback(
    (value: string | null) => {
      const next = new URLSearchParams(params.toString())
      if (value === null || value === '') next.delete(key)
      else next.set(key, value)
      const text = next.toString()
      window.history.replaceState(null, '', text ? `${path}?${text}` : path)
    },
    [params, path, key],
  )
  return [params.get(key), set]
}
