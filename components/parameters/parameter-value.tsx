'use client'
import { useLocale, useTranslations } from 'next-intl'
import { displayValue } from './value.ts'

/** A parameter's value as a person reads it; `type` and `unit` from the registry where known. */
export function ParameterValue({ value, type, unit }: { value: unknown; type?: string; unit?: string | null }) {
  const t = useTranslations('parameters')
  const locale = useLocale()
  const text = displayValue(value, type ?? '', unit ?? null, locale)
  if (text === null) return <span className="dim">{t('none')}</span>
  return <span className="n">{text === 'true' ? t('on') : text === 'false' ? t('off') : text}</span>
}
