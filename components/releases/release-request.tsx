'use client'
import { useLocale, useTranslations } from 'next-intl'
import { Card } from '@/components/ui/card.tsx'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { factValue } from './fact-sentence.ts'

/** What was asked for when the release was started. */
export function ReleaseRequest({ request }: { request: Record<string, unknown> }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const { zone } = usePreferences()
  const asked = Object.entries(request).filter(
    ([key, value]) => value !== null && value !== undefined && !(key === 'historyEventTime' && 'historyEventTimeMs' in request),
  )
  return (
    <Card title={t('request.title')}>
      {asked.length === 0 && <div className="mid">{t('request.none')}</div>}
      <dl className="log">
        {asked.map(([key, value]) => (
          <Line
            key={key}
            name={t.has(`request.names.${key}`) ? t(`request.names.${key}`) : key}
            value={key === 'mode' && t.has(`request.modes.${value}`) ? t(`request.modes.${value}`) : factValue(key, value, locale, zone)}
          />
        ))}
      </dl>
    </Card>
  )
}

const Line = ({ name, value }: { name: string; value: string }) => (
  <>
    <dt>{name}</dt>
    <dd className="n">{value}</dd>
  </>
)
