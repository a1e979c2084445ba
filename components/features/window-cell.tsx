'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { formatInterval } from '@/definition/interval.ts'
import { PanelButton } from '../ui/dropdown.tsx'
import styles from './features.module.css'
import { type Frame, parseFrame, windowPicture } from './form-model.ts'
import { useFrameText } from './frame-text.ts'

const PRESETS = ['10 minutes', '1 hour', '3 hours', '1 day', '7 days', '30 days', 'all']

/** The window as a small picture against "now"; pressing it chooses another: a preset, or from … until … in words. */
export function WindowCell({ frame, all, onChange }: { frame: Frame; all: Frame[]; onChange: (frame: Frame) => void }) {
  const t = useTranslations('features')
  const frameText = useFrameText()
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const show = () => {
    setFrom(frame.start.kind === 'preceding' ? formatInterval(frame.start.interval) : 'all')
    setUntil(frame.end.kind === 'preceding' ? formatInterval(frame.end.interval) : '')
    setProblem(null)
  }
  const apply = (start: string, end: string, close: () => void) => {
    try {
      onChange(parseFrame(start, end))
      close()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const { left, right } = windowPicture(frame, all)
  const text = frameText(frame)
  return (
    <PanelButton
      className={styles.win}
      label={t('window.change', { window: text })}
      onOpen={show}
      button={
        <>
          <span className={styles.pic} aria-hidden="true">
            <i style={{ left: `${left}%`, right: `calc(${right}% + 2px)` }} />
            <b />
          </span>
          {text}
        </>
      }
    >
      {(close) => (
        <form
          className="stack"
          style={{ gap: 10 }}
          onSubmit={(event) => {
            event.preventDefault()
            apply(from, until, close)
          }}
        >
          <div className="row wrap" style={{ gap: 4 }}>
            {PRESETS.map((preset) => (
              <Button key={preset} size="compact-xs" onClick={() => apply(preset, '', close)}>
                {frameText(parseFrame(preset, ''))}
              </Button>
            ))}
          </div>
          <label>
            <span className="strong">{t('window.from')}</span> <span className="dim small">{t('window.fromHint')}</span>
            {/* biome-ignore lint/a11y/noAutofocus: the panel was opened to type here; Escape brings the focus back */}
            <input autoFocus className={styles.field} value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label>
            <span className="strong">{t('window.until')}</span> <span className="dim small">{t('window.untilHint')}</span>
            <input
              className={styles.field}
              placeholder={t('window.now')}
              value={until}
              onChange={(event) => setUntil(event.target.value)}
              aria-invalid={problem !== null}
            />
          </label>
          {problem && (
            <div role="alert" style={{ color: 'var(--bad)' }}>
              {problem}
            </div>
          )}
          <Button type="submit" variant="filled">
            {t('window.apply')}
          </Button>
        </form>
      )}
    </PanelButton>
  )
}
