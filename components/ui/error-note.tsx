'use client'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { EvenflowError } from '@/contract/errors.ts'

/** What happened, why, what to do next, with the code that a search or a colleague can use. */
export function ErrorNote({ error, action }: { error: unknown; action?: ReactNode }) {
  const t = useTranslations('errors')
  if (!error) return null
  const known =
    error instanceof EvenflowError ? error : new EvenflowError('internal', error instanceof Error ? error.message : String(error))
  return (
    <div
      role="alert"
      style={{
        border: '1px solid var(--bad)',
        background: 'var(--bad-soft)',
        borderRadius: 7,
        padding: '8px 12px',
        display: 'grid',
        gap: 2,
        overflowWrap: 'anywhere',
      }}
    >
      <div className="row wrap">
        <span className="strong" style={{ color: 'var(--bad)' }}>
          <span aria-hidden="true">✕ </span>
          {t(`titles.${known.code}`)}
        </span>
        <span className="mono mid">{known.code}</span>
        <span className="sp" />
        {action}
      </div>
      <div>{known.message}</div>
      {known.hint && <div className="mid">{known.hint}</div>}
    </div>
  )
}
