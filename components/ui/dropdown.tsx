'use client'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'

type Panel = { open: boolean; close: () => void }

/** Open and shut: Escape and a press elsewhere shut it, and the focus goes back to where it came from. */
function usePanel(): Panel & {
  toggle: () => void
  root: React.RefObject<HTMLSpanElement | null>
  onKeyDown: (event: KeyboardEvent) => void
} {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLSpanElement>(null)
  const close = () => {
    setOpen(false)
    root.current?.querySelector<HTMLElement>('[aria-expanded]')?.focus()
  }
  useEffect(() => {
    if (!open) return
    const onPress = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', onPress)
    return () => document.removeEventListener('pointerdown', onPress)
  }, [open])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    close()
  }
  return { open, close, toggle: () => setOpen((now) => !now), root, onKeyDown }
}

export type MenuEntry = {
  key: string
  label: ReactNode
  icon?: ReactNode
  on?: boolean
  bad?: boolean
  lang?: string
  onSelect: () => void
}

/** A button with a menu; arrows move, Enter chooses. `head`: lines above the entries. */
export function MenuButton({
  label,
  children,
  head,
  entries,
}: {
  label: string
  children: ReactNode
  head?: ReactNode
  entries: MenuEntry[]
}) {
  const id = useId()
  const panel = usePanel()
  const items = () => [...(panel.root.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
  useEffect(() => {
    if (panel.open) panel.root.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus()
  }, [panel.open, panel.root])
  const onKeyDown = (event: KeyboardEvent) => {
    panel.onKeyDown(event)
    if (event.key === 'Tab' && panel.open) panel.close()
    if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key) || !panel.open) return
    event.preventDefault()
    const all = items()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? all.length - 1
          : (at + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length
    all[next]?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the button and the menu inside
    <span ref={panel.root} className="dropdown" onKeyDown={onKeyDown}>
      <button
        type="button"
        className="icon-btn"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={panel.open}
        aria-controls={panel.open ? id : undefined}
        onClick={panel.toggle}
      >
        {children}
      </button>
      {panel.open && (
        <div className="dropdown-panel">
          {head && <div className="dropdown-head">{head}</div>}
          <div id={id} role="menu" aria-label={label}>
            {entries.map((entry) => (
              <button
                key={entry.key}
                type="button"
                role={entry.on === undefined ? 'menuitem' : 'menuitemradio'}
                aria-checked={entry.on}
                tabIndex={-1}
                lang={entry.lang}
                className={`dropdown-item ${entry.bad ? 'bad' : ''}`}
                onClick={() => {
                  panel.close()
                  entry.onSelect()
                }}
              >
                {entry.icon}
                {entry.label}
                <span className="sp" />
                {entry.on && <span aria-hidden="true">✓</span>}
              </button>
            ))}
          </div>
        </div>
      )}
    </span>
  )
}

/** A button with a small panel that holds a form. */
export function PanelButton({
  className,
  label,
  button,
  children,
}: {
  className?: string | undefined
  label: string
  button: ReactNode
  children: (close: () => void) => ReactNode
}) {
  const panel = usePanel()
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape shuts the panel from anywhere inside it
    <span ref={panel.root} className="dropdown" style={{ display: 'block' }} onKeyDown={panel.onKeyDown}>
      <button
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={panel.open}
        onClick={panel.toggle}
      >
        {button}
      </button>
      {panel.open && (
        <div role="dialog" aria-label={label} className="dropdown-panel" style={{ width: 290, padding: 12 }}>
          {children(panel.close)}
        </div>
      )}
    </span>
  )
}
