'use client'
import { useTranslations } from 'next-intl'
import { intervalPieces } from '@/definition/interval.ts'
import type { GroupWindow, Interval } from '@/definition/model.ts'
import type { Frame, RangeFrame } from './form-model.ts'
import { choiceOf } from './window-choice.ts'

/** "3 hours", "7 days, until 1 hour ago", "last 10 events, without this one" in the reader's language. */
export function useFrameText(): (frame: Frame) => string {
  const t = useTranslations('features')
  const length = useLengthText()
  const time = ({ start, end }: RangeFrame) => {
    const from = start.kind === 'preceding' ? length(start.interval) : start.kind === 'unbounded' ? t('window.all') : t('window.row')
    return end.kind === 'preceding' ? t('window.offset', { from, until: length(end.interval) }) : from
  }
  const events = (frame: Frame) => {
    const { last, skip } = choiceOf(frame)
    const from = last === 'all' ? t('window.allEvents') : t('window.lastEvents', { count: Number(last) })
    return skip === '' ? from : t('window.butEvents', { from, count: Number(skip) })
  }
  return (frame) =>
    [
      frame.mode === 'rows' ? events(frame) : time(frame),
      frame.exclude && t(`window.without.${frame.exclude}`),
      frame.maxRows !== undefined && t('window.atMost', { count: frame.maxRows }),
      frame.precision && t('window.inPanes', { width: length(frame.precision) }),
    ]
      .filter(Boolean)
      .join(t('window.and'))
}

/** "1 hour, a new one every 5 minutes". */
export function useGroupText(): (group: GroupWindow) => string {
  const t = useTranslations('features')
  const length = useLengthText()
  return (group) => {
    if (group.kind === 'session') return t('group.words.session', { gap: length(group.gap) })
    if (group.kind === 'tumble') return t('group.words.tumble', { length: length(group.size) })
    return t('group.words.hop', { length: length(group.size), slide: length(group.slide) })
  }
}

function useLengthText(): (interval: Interval) => string {
  const t = useTranslations('features')
  return (interval) =>
    intervalPieces(interval)
      .map(({ count, unit }) => t(`units.${unit}`, { count }))
      .join(' ')
}
