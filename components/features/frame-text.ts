'use client'
import { useTranslations } from 'next-intl'
import { intervalPieces } from '@/definition/interval.ts'
import type { Interval } from '@/definition/model.ts'
import type { Frame } from './form-model.ts'

/** "3 hours", "7 days, until 1 hour ago", "since the first event" in the reader's language. */
export function useFrameText(): (frame: Frame) => string {
  const t = useTranslations('features')
  const length = (interval: Interval) =>
    intervalPieces(interval)
      .map(({ count, unit }) => t(`units.${unit}`, { count }))
      .join(' ')
  return ({ start, end }) => {
    const from = start.kind === 'preceding' ? length(start.interval) : start.kind === 'unbounded' ? t('window.all') : t('window.row')
    return end.kind === 'preceding' ? t('window.offset', { from, until: length(end.interval) }) : from
  }
}
