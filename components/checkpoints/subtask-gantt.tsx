'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { SubtaskStats } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatDuration } from '@/components/ui/format.ts'
import { gantt, phases } from './subtasks.ts'

/** Where the time of a checkpoint went: per subtask start delay → alignment → sync → async. The table below says the same in figures. */
export function SubtaskGantt({ subtasks }: { subtasks: SubtaskStats[] }) {
  const t = useTranslations('checkpoints')
  const locale = useLocale()
  const { rows, totalMs } = gantt(subtasks)
  if (rows.length === 0) return null
  return (
    <Card
      title={t('gantt.title')}
      aside={t('gantt.aside', { total: formatDuration(totalMs, locale) })}
      actions={phases.map((phase) => (
        <span key={phase} className="row small mid" style={{ gap: 5 }}>
          <i aria-hidden="true" className={`phase-${phase}`} style={{ width: 12, height: 10, borderRadius: 2 }} />
          {t(`gantt.phases.${phase}`)}
        </span>
      ))}
    >
      <div style={{ display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr) auto', gap: '6px 12px', alignItems: 'center' }}>
        {rows.map((row) => {
          const name = `${t.has(`operators.names.${row.operator}`) ? t(`operators.names.${row.operator}`) : row.operator} ${row.subtask}`
          const text = row.pending
            ? t('pending')
            : row.bars.map((bar) => `${t(`gantt.phases.${bar.phase}`)} ${formatDuration(bar.ms, locale)}`).join(', ')
          return (
            <div key={name} style={{ display: 'contents' }}>
              <span>{name}</span>
              <div className="gantt" role="img" aria-label={`${name}: ${text || formatDuration(0, locale)}`}>
                {row.bars.map((bar) => (
                  <i
                    key={bar.phase}
                    className={`phase-${bar.phase}`}
                    title={`${t(`gantt.phases.${bar.phase}`)} ${formatDuration(bar.ms, locale)}`}
                    style={{ left: `${bar.leftShare * 100}%`, width: `${bar.widthShare * 100}%` }}
                  />
                ))}
              </div>
              <span className="small">
                {row.pending ? `◔ ${t('pending')}` : row.straggler ? <span style={{ color: 'var(--warn)' }}>▲ {t('straggler')}</span> : ''}
              </span>
            </div>
          )
        })}
      </div>
    </Card>
  )
}
