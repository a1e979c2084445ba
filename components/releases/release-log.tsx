'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { Told } from '@/contract/told.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatInstant } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { factValues, plainFact, sentenceNames } from './fact-sentence.ts'
import { useTold } from './use-told.ts'

/** Shown elsewhere on the page, as checklist and as bar. */
const notSentences = ['gates', 'progress']

/** What became known, in sentences, newest first. */
export function ReleaseLog({ facts: all }: { facts: Release['facts'] }) {
  const facts = all.filter((fact) => !notSentences.includes(fact.kind))
  const t = useTranslations('releases')
  const say = useTold()
  const status = useTranslations('status')
  const locale = useLocale()
  const { zone } = usePreferences()
  const sentence = (kind: string, payload: Record<string, unknown>) => {
    const words = Object.fromEntries(
      Object.entries(payload).map(([name, value]) => [name, Told.safeParse(value).success ? say(value as Told) : value]),
    )
    for (const name of ['state', 'from', 'to'])
      if (typeof words[name] === 'string' && status.has(`words.${words[name]}`)) words[name] = status(`words.${words[name]}`)
    if (typeof words.action === 'string' && t.has(`actions.${words.action}.label`)) words.action = t(`actions.${words.action}.label`)
    if (words.by === 'automatic') words.by = t('byItself')
    for (const name of sentenceNames(kind, payload)) {
      const values = t.has(`facts.${name}`) ? factValues(String(t.raw(`facts.${name}`)), words, locale, zone) : null
      if (values) return t(`facts.${name}`, values)
    }
    return plainFact(kind, payload, locale, zone)
  }
  return (
    <Card title={t('log.title')}>
      {facts.length === 0 && <div className="mid">{t('log.none')}</div>}
      <dl className="log" tabIndex={0} aria-label={t('log.title')}>
        {facts.map((fact) => (
          <LogLine
            key={fact.id}
            at={formatInstant(fact.at, zone).slice(11)}
            exact={formatInstant(fact.at, zone, { millis: true, label: true })}
            text={sentence(fact.kind, fact.payload)}
          />
        ))}
      </dl>
    </Card>
  )
}

function LogLine({ at, exact, text }: { at: string; exact: string; text: string }) {
  return (
    <>
      <dt className="n" title={exact}>
        {at}
      </dt>
      <dd>{text}</dd>
    </>
  )
}
