'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { formatDuration } from '@/components/ui/format.ts'
import { useNow } from '@/components/ui/now.ts'
import { stepsOf } from './steps.ts'

const shapes = { done: '✓', now: '◔', todo: '', never: '–' } as const

/** The road of this release, as the server gives it: what is done (and how long it took), where it stands, what is to come. */
export function StepsStrip({ release }: { release: Release }) {
  const t = useTranslations('releases')
  const words = useTranslations('status')
  const locale = useLocale()
  const now = useNow()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on a narrow screen
    <ol className="steps" aria-label={t('steps')} tabIndex={0}>
      {stepsOf(release, now).map((step) => (
        <li key={step.state} className={step.phase} aria-current={step.phase === 'now' ? 'step' : undefined}>
          <i aria-hidden="true">{shapes[step.phase]}</i>
          <span>
            {words(`words.${step.state}`)}
            <span className="sr">, {t(`phases.${step.phase}`)}</span>
          </span>
          <span className="n">{step.durationMs === null ? ' ' : formatDuration(step.durationMs, locale)}</span>
        </li>
      ))}
    </ol>
  )
}
