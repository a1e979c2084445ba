/** How a job's subtasks share the work, as a sentence: its message and the figures in it. Pure. */
import type { JobMetrics } from '../../contract/job-ipc.ts'
import { formatPercent } from '../ui/format.ts'

type Split = NonNullable<JobMetrics['split']>

/** The name of its message. */
export const splitSentence = ({ by, why }: Split): string => (why === 'asked' || why === 'measured' ? `${why}_${by}` : why)

export function splitFacts({ measured }: Split, locale: string): Record<string, string> {
  if (!measured) return {}
  const us = (value: number) => value.toLocaleString(locale, { maximumSignificantDigits: 2 })
  return {
    events: measured.events.toLocaleString(locale),
    share: formatPercent(measured.hottestKeyShare, locale) ?? '',
    keyUs: us(measured.keyUs),
    featureUs: us(measured.featureUs),
  }
}
