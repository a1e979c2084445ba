'use client'
import { useTranslations } from 'next-intl'
import { PanelButton } from '../ui/dropdown.tsx'
import styles from './features.module.css'
import { type Frame, windowPicture } from './form-model.ts'
import { useFrameText } from './frame-text.ts'
import { WindowForm } from './window-form.tsx'

/** The window as a small picture against "now"; pressing it chooses another. */
export function WindowCell({ frame, all, onChange }: { frame: Frame; all: Frame[]; onChange: (frame: Frame) => void }) {
  const t = useTranslations('features')
  const frameText = useFrameText()
  const { left, right } = windowPicture(frame, all)
  const text = frameText(frame)
  return (
    <PanelButton
      className={styles.win}
      label={t('window.change', { window: text })}
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
        <WindowForm
          frame={frame}
          onChoose={(chosen) => {
            onChange(chosen)
            close()
          }}
        />
      )}
    </PanelButton>
  )
}
