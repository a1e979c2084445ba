'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Told } from '@/contract/told.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { factValues } from './fact-sentence.ts'

/** What the server said, in the reader's language; a sentence that this build has no words for stays English. */
export function useTold(): (told: Told) => string {
  const t = useTranslations('releases')
  const locale = useLocale()
  const { zone } = usePreferences()
  return ({ code, values: given, text }) => {
    const values = t.has(`actions.${given.action}.label`) ? { ...given, action: t(`actions.${given.action}.label`) } : given
    const words = t.has(`told.${code}`) ? factValues(String(t.raw(`told.${code}`)), values, locale, zone) : null
    return words ? t(`told.${code}`, words) : text
  }
}
