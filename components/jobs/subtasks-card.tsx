'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { formatPercent } from '@/components/ui/format.ts'
import { Bytes, Num, Rate } from '@/components/ui/quantity.tsx'
import { splitFacts, splitSentence } from './split.ts'

type Subtask = NonNullable<JobMetrics['subtasks']>[number]

/** The keyed subtasks side by side: one that has most of the keys or of the events is seen at once; and how they share the work, and why. */
export function SubtasksCard({ subtasks, split }: Pick<JobMetrics, 'subtasks' | 'split'>) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  if (!subtasks || subtasks.length < 2) return null
  const byFeature = split?.by === 'feature'
  return (
    <Card title={t('subtasks.title')} aside={byFeature ? t('subtasks.asideFeatures') : t('subtasks.aside')} flush>
      {split && <p className="card-bd small">{t(`subtasks.split.${splitSentence(split)}`, splitFacts(split, locale))}</p>}
      <DataTable
        label={t('subtasks.title')}
        rows={subtasks}
        rowKey={(one) => String(one.subtask)}
        columns={[
          { key: 'subtask', header: t('subtasks.subtask'), cell: (one: Subtask) => <span className="mono">{one.subtask}</span> },
          ...(byFeature
            ? [
                {
                  key: 'features',
                  header: t('subtasks.features'),
                  cell: (one: Subtask) => <span className="mono">{one.features?.join(', ')}</span>,
                },
              ]
            : []),
          { key: 'in', header: t('operators.in'), numeric: true, cell: (one) => <Num value={one.recordsIn} /> },
          { key: 'rate', header: t('operators.rate'), numeric: true, cell: (one) => <Rate value={one.recordsPerSecond} /> },
          { key: 'busy', header: t('operators.busy'), numeric: true, cell: (one) => formatPercent(one.busyShare, locale) },
          { key: 'waiting', header: t('subtasks.waiting'), numeric: true, cell: (one) => <Num value={one.waiting} /> },
          { key: 'keys', header: t('subtasks.keys'), numeric: true, cell: (one) => <Num value={one.keys} /> },
          { key: 'state', header: t('subtasks.state'), numeric: true, cell: (one) => <Bytes value={one.stateBytes} /> },
        ]}
      />
    </Card>
  )
}
