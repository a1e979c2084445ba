'use client'
/** What the reader chose for every page: time zone of exact times, and whether live data is paused. */
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'

export type Zone = 'local' | 'utc'
type Preferences = { zone: Zone; setZone: (zone: Zone) => void; paused: boolean; setPaused: (paused: boolean) => void }

const Context = createContext<Preferences>({ zone: 'local', setZone: () => {}, paused: false, setPaused: () => {} })

export function PreferencesProvider({ initialZone, children }: { initialZone: Zone; children: ReactNode }) {
  const [zone, setZoneState] = useState(initialZone)
  const [paused, setPaused] = useState(false)
  const value = useMemo(() => {
    const setZone = (next: Zone) => {
      document.cookie = `evenflow-zone=${next}; path=/; max-age=31536000; samesite=lax`
      setZoneState(next)
    }
    return { zone, setZone, paused, setPaused }
  }, [zone, paused])
  return <Context value={value}>{children}</Context>
}

export const usePreferences = () => useContext(Context)
