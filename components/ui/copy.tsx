'use client'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'

/** Copies; says so for two seconds. */
export function CopyButton({ value, label }: { value: string; label?: string }) {
  const t = useTranslations('common')
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2000)
    return () => clearTimeout(timer)
  }, [copied])
  const name = copied ? t('copied') : (label ?? t('copy'))
  return (
    <button
      type="button"
      className="icon-btn"
      aria-label={name}
      title={name}
      onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
    >
      {copied ? <IconCheck size={14} color="var(--ok)" /> : <IconCopy size={14} />}
    </button>
  )
}

/** An id or a key that one may want elsewhere. */
export function Copyable({ value, children }: { value: string; children?: React.ReactNode }) {
  return (
    <span className="row" style={{ gap: 2, display: 'inline-flex' }}>
      <span className="mono">{children ?? value}</span>
      <CopyButton value={value} />
    </span>
  )
}

/** A block of code with a copy button in its corner. */
export function CodeBlock({ value, label, maxHeight }: { value: string; label: string; maxHeight?: number }) {
  return (
    <div style={{ position: 'relative' }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre className="code" tabIndex={0} aria-label={label} style={{ paddingRight: 40, maxHeight }}>
        {value}
      </pre>
      <span style={{ position: 'absolute', top: 5, right: 5 }}>
        <CopyButton value={value} />
      </span>
    </div>
  )
}
