'use client'
import { type KeyboardEvent, type ReactNode, useId } from 'react'

export type Tab<Key extends string> = { key: Key; label: ReactNode; panel: () => ReactNode }

/** Tabs with one panel at a time; arrows, Home and End move as the pattern for tabs says. */
export function Tabs<Key extends string>({
  label,
  tabs,
  value,
  onChange,
}: {
  label: string
  tabs: Tab<Key>[]
  value: Key
  onChange: (key: Key) => void
}) {
  const id = useId()
  const at = Math.max(
    0,
    tabs.findIndex((tab) => tab.key === value),
  )
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at - 1 + tabs.length) % tabs.length, Home: 0, End: tabs.length - 1 }[
      event.key
    ]
    const tab = next === undefined ? undefined : tabs[next]
    if (!tab) return
    event.preventDefault()
    onChange(tab.key)
    document.getElementById(`${id}-${tab.key}`)?.focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
        {tabs.map((tab, index) => (
          <button
            key={tab.key}
            id={`${id}-${tab.key}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls={index === at ? `${id}-panel` : undefined}
            tabIndex={index === at ? 0 : -1}
            onClick={() => onChange(tab.key)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${tabs[at]?.key}`} key={tabs[at]?.key}>
        {tabs[at]?.panel()}
      </div>
    </>
  )
}
