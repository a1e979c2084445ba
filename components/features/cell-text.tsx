'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Cell } from '@/contract/engine-api.ts'
import { formatCell } from '../ui/format.ts'
import { Time } from '../ui/time.tsx'

/** A value in a table: null is written out, a long fraction is shortened (whole on hover). `type` where it is known. */
export function CellText({ value, type }: { value: Cell | undefined; type?: string | undefined }) {
  const t = useTranslations('features')
  const locale = useLocale()
  if (value === null || value === undefined) return <span className="dim mono">{t('preview.null')}</span>
  if (type === 'timestamp') return <Time value={value as number | string} mode="exact" />
  const short = typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(8)) : value
  return (
    <span className={typeof value === 'string' ? undefined : 'n'} title={String(value)}>
      {formatCell(short, locale)}
    </span>
  )
}
