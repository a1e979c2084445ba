'use client'
import { useTranslations } from 'next-intl'
import type { CodeFeatureReport } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { CodeBlock, Copyable } from '@/components/ui/copy.tsx'
import { type Column, DataTable } from '@/components/ui/data-table.tsx'
import { Num } from '@/components/ui/quantity.tsx'

/** The view's features in TypeScript: calls, throws, the last error; which are disabled, and why. */
export function CodeCard({ code }: { code: readonly CodeFeatureReport[] }) {
  const t = useTranslations('jobs')
  const columns: Column<CodeFeatureReport>[] = [
    { key: 'name', header: t('code.feature'), cell: ({ name }) => <span className="mono strong">{name}</span> },
    {
      key: 'state',
      header: t('code.state'),
      wrap: true,
      cell: ({ disabled, fresh }) =>
        disabled !== null ? (
          <>
            <Chip tone="bad">{t('code.disabled')}</Chip> <span className="small">{t('code.because', { reason: disabled })}</span>
          </>
        ) : (
          <>
            <Chip tone="ok">{t('code.runs')}</Chip> {fresh && <Chip title={t('code.freshMeaning')}>{t('code.fresh')}</Chip>}
          </>
        ),
    },
    { key: 'calls', header: t('code.calls'), numeric: true, cell: ({ calls }) => <Num value={calls} /> },
    { key: 'throws', header: t('code.throws'), numeric: true, cell: ({ throws }) => <Num value={throws} /> },
    { key: 'error', header: t('code.lastError'), wrap: true, cell: ({ lastError }) => lastError ?? <span className="dim">–</span> },
    { key: 'hash', header: t('code.source'), cell: ({ hash }) => <Copyable value={hash}>{hash.slice(0, 10)}</Copyable> },
  ]
  const lines = code.flatMap(({ name, log }) => log.map((line) => `${name}: ${line}`))
  return (
    <Card title={t('code.title')} aside={t('code.aside')} flush>
      <DataTable label={t('code.title')} columns={columns} rows={[...code]} rowKey={({ name }) => name} />
      {lines.length > 0 && (
        <div className="card-bd">
          <CodeBlock value={lines.join('\n')} label={t('code.log')} maxHeight={200} />
        </div>
      )}
    </Card>
  )
}
