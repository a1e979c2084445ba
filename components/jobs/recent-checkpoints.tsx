'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type Checkpoint, CheckpointHistory } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'
import { Status } from '@/components/ui/status.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi } from '@/components/use-api.ts'

/** The five newest checkpoints, with the way to the rest. */
export function RecentCheckpoints({ jobId }: { jobId: number }) {
  const t = useTranslations('jobs')
  const history = useApi(CheckpointHistory, `/jobs/${jobId}/checkpoints?limit=5`)
  return (
    <Card title={t('checkpoints.title')} actions={<Link href={`/checkpoints?job=${jobId}`}>{t('checkpoints.all')}</Link>} flush>
      <DataTable
        label={t('checkpoints.title')}
        rows={(history.data?.items ?? []).slice(0, 5)}
        rowKey={(one) => one.id}
        empty={
          <div className="card-bd mid">
            {history.isPending ? t('loading') : history.isError ? history.error.message : t('checkpoints.none')}
          </div>
        }
        columns={[
          {
            key: 'number',
            header: t('checkpoints.number'),
            cell: (one: Checkpoint) => (
              <Link className="mono" href={`/jobs/${jobId}/checkpoints/${one.id}`}>{`${one.run}.${one.number}`}</Link>
            ),
          },
          { key: 'kind', header: t('checkpoints.kind'), cell: (one) => t(`checkpoints.kinds.${one.kind}`) },
          { key: 'status', header: t('checkpoints.status'), cell: (one) => <Status value={one.status} /> },
          { key: 'at', header: t('checkpoints.at'), cell: (one) => <Time value={one.triggeredAt} /> },
          { key: 'took', header: t('checkpoints.took'), numeric: true, cell: (one) => <Duration value={one.durationMs} /> },
          { key: 'size', header: t('checkpoints.size'), numeric: true, cell: (one) => <Bytes value={one.fullBytes} /> },
        ]}
      />
    </Card>
  )
}
