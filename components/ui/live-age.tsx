'use client'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useLocale, useTranslations } from 'next-intl'
import { formatDuration } from './format.ts'
import { useNow } from './now.ts'
import { usePreferences } from './preferences.tsx'

/** "live · 0.6 s", or how old the data is when a poll failed or the reader paused it. Give it a query of useApi. */
export function LiveAge({ query }: { query: { dataUpdatedAt: number; isError: boolean } }) {
  const t = useTranslations('common')
  const locale = useLocale()
  const now = useNow()
  const { paused, setPaused } = usePreferences()
  const ageMs = query.dataUpdatedAt && now ? Math.max(0, now - query.dataUpdatedAt) : null
  const stale = query.isError || (ageMs !== null && ageMs > 10_000)
  const word = paused ? t('paused') : stale ? t('stale') : t('live')
  const label = paused ? t('resume') : t('pause')
  return (
    <span className="row mid" style={{ gap: 6, display: 'inline-flex' }}>
      <i
        aria-hidden="true"
        style={{
          width: 7,
          height: 7,
          borderRadius: paused ? 0 : '50%',
          background: paused ? 'var(--line-strong)' : stale ? 'var(--warn)' : 'var(--ok)',
        }}
      />
      {word}
      {ageMs !== null && (
        <span className="dim">
          · <span className="n">{ageMs < 1000 ? `< ${formatDuration(1000, locale)}` : formatDuration(ageMs, locale)}</span>
        </span>
      )}
      <button
        type="button"
        className="icon-btn"
        style={{ width: 22, height: 22 }}
        aria-label={label}
        title={label}
        aria-pressed={paused}
        onClick={() => setPaused(!paused)}
      >
        {paused ? <IconPlayerPlay size={13} /> : <IconPlayerPause size={13} />}
      </button>
    </span>
  )
}
