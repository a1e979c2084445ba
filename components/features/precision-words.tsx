'use client'
import { useTranslations } from 'next-intl'
import { useFrameText } from './frame-text.ts'
import { frameOfChoice, panesOf, type WindowChoice } from './window-choice.ts'

/** What a precision saves and what it costs, before it is chosen. */
export function PrecisionWords({ choice }: { choice: WindowChoice }) {
  const t = useTranslations('features')
  const frameText = useFrameText()
  const { frame } = frameOfChoice(choice) as { frame?: Parameters<typeof panesOf>[0] }
  if (!frame?.precision) return null
  const width = frameText({ mode: 'range', start: { kind: 'preceding', interval: frame.precision }, end: { kind: 'current' } })
  const panes = panesOf(frame)
  return (
    <p className="small mid" style={{ margin: 0 }}>
      {panes === null ? t('window.precisionOfAll') : t('window.precisionSaves', { panes, width })}
    </p>
  )
}
