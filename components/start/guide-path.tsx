'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Guide } from '@/contract/http-api.ts'
import styles from './start.module.css'

/** Five steps that tick themselves off by what was really done; the first open one is the next. */
export function GuidePath({ steps }: { steps: Guide['steps'] }) {
  const t = useTranslations('start')
  const next = steps.find((step) => !step.done)?.step
  return (
    <ol className={styles.path}>
      {steps.map((step, at) => (
        <li key={step.step}>
          <Link
            href={step.href}
            className={`${styles.step} ${step.step === next ? styles.next : ''}`}
            aria-current={step.step === next ? 'step' : undefined}
          >
            <span className="row" style={{ gap: 8 }}>
              <span className={`${styles.mark} ${step.done ? styles.done : ''}`} aria-hidden="true">
                {step.done ? '✓' : at + 1}
              </span>
              <b>{t(`steps.${step.step}.title`)}</b>
              <span className="sr">{step.done ? t('path.done') : t('path.open')}</span>
            </span>
            <span className="mid small">{t(`steps.${step.step}.text`)}</span>
          </Link>
        </li>
      ))}
    </ol>
  )
}
