'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Cell } from '@/contract/engine-api.ts'
import { Copyable } from '../ui/copy.tsx'
import { formatCell, formatInstant } from '../ui/format.ts'
import { Time } from '../ui/time.tsx'

/** A value in a table: null is written out, a long fraction, list or map is shortened (whole on hover, to copy). `type` where it is known. */
export function CellText({ value, type }: { value: Cell | undefined; type?: string | undefined }) {
  const t = useTranslations('features')
  const locale = useLocale()
  if (value === null || value === undefined) return <span className="dim mono">{t('preview.null')}</span>
  if (type === 'timestamp') return <Time value={value as number | string} mode="exact" />
  if (typeof value === 'object') {
    const whole = JSON.stringify(value)
    return (
      <span title={whole}>
        <Copyable value={whole}>{formatCell(readable(value, type), locale)}</Copyable>
      </span>
    )
  }
  const short = typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(8)) : value
  return (
    <span className={typeof value === 'string' ? undefined : 'n'} title={String(value)}>
      {formatCell(short, locale)}
    </span>
  )
}

/** Instants in a list are written out, in UTC as they are compared. */
function readable(value: Exclude<Cell, string | number | boolean | null>, type: string | undefined): typeof value {
  if (type === 'timestamp[]' && Array.isArray(value))
    return value.map((ms) => (ms === null ? null : formatInstant(Number(ms), 'utc', { millis: true })))
  return value
}
