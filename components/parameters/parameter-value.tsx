'use client'
import { useLocale, useTranslations } from 'next-intl'
import { isParameterKey, PARAMETERS } from '@/definition/parameters.ts'
import { displayValue } from './value.ts'

/** A parameter's value as a person reads it: its kind and unit are the registry's, by key or as the API gave them. */
export function ParameterValue({ value, parameterKey, type }: { value: unknown; parameterKey: string; type?: string }) {
  const t = useTranslations('parameters')
  const locale = useLocale()
  const kind = type ?? (isParameterKey(parameterKey) ? PARAMETERS[parameterKey].kind : '')
  const text = displayValue(value, kind, kind === 'factor' ? '×' : null, locale)
  if (text === null) return <span className="dim">{t('none')}</span>
  return <span className="n">{text === 'true' ? t('on') : text === 'false' ? t('off') : text}</span>
}
