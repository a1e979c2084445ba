'use client'
import { useLocale } from 'next-intl'
import { formatBytes, formatCompact, formatDuration, formatNumber, formatRate } from './format.ts'

type Value = { value: number | null | undefined }
const Figure = ({ text, title }: { text: string; title?: string | undefined }) => (
  <span className="n" title={title}>
    {text}
  </span>
)

/** A count; `compact` for large ones (the exact one on hover). */
export function Num({ value, compact = false, digits = 0 }: Value & { compact?: boolean; digits?: number }) {
  const locale = useLocale()
  return (
    <Figure
      text={compact ? formatCompact(value, locale) : formatNumber(value, locale, digits)}
      title={compact ? formatNumber(value, locale, 3) : undefined}
    />
  )
}
export function Bytes({ value }: Value) {
  const locale = useLocale()
  return <Figure text={formatBytes(value, locale)} title={typeof value === 'number' ? `${formatNumber(value, locale)} B` : undefined} />
}
export function Duration({ value }: Value) {
  const locale = useLocale()
  return (
    <Figure text={formatDuration(value, locale)} title={typeof value === 'number' ? `${formatNumber(value, locale, 3)} ms` : undefined} />
  )
}
export function Rate({ value }: Value) {
  const locale = useLocale()
  return <Figure text={formatRate(value, locale)} />
}
