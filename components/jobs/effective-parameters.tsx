'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { JobDetail } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { ParameterSource } from '../parameters/parameter-source.tsx'
import { ParameterValue } from '../parameters/parameter-value.tsx'

type Effective = JobDetail['parameters'][number]

/** What this job runs with, and where each value comes from. */
export function EffectiveParameters({ parameters, jobId }: { parameters: Effective[]; jobId: number }) {
  const t = useTranslations('jobs')
  return (
    <Card
      title={t('parameters.title')}
      actions={<Link href={`/settings/parameters?scope=job:${jobId}`}>{t('parameters.change')}</Link>}
      flush
    >
      <DataTable
        label={t('parameters.title')}
        maxHeight={380}
        rows={parameters}
        rowKey={(one) => one.key}
        empty={<div className="card-bd mid">{t('parameters.none')}</div>}
        columns={[
          { key: 'key', header: t('parameters.key'), cell: (one: Effective) => <span className="mono">{one.key}</span> },
          { key: 'value', header: t('parameters.value'), cell: (one) => <ParameterValue value={one.value} parameterKey={one.key} /> },
          { key: 'source', header: t('parameters.source'), cell: (one) => <ParameterSource source={one.source} /> },
          {
            key: 'effect',
            header: t('parameters.effect'),
            cell: (one) => (t.has(`parameters.effects.${one.effect}`) ? t(`parameters.effects.${one.effect}`) : one.effect),
          },
        ]}
      />
    </Card>
  )
}
