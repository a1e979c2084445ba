'use client'
import { useLocale, useTranslations } from 'next-intl'
import { type ComparedExample, type Comparison, percentOf } from '@/contract/comparison.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { formatCell, formatInstant, formatNumber, formatPercent } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'

/** How the new job's values stand to those of the running one, and to a second computation; of what differs, examples with both values. */
export function ComparisonCard({ comparison }: { comparison: Comparison }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const { zone } = usePreferences()
  const isEqual = comparison.outcome === 'equal'
  const examples = comparison.features.flatMap(({ feature, examples: some }) => some.map((example, i) => ({ feature, example, i })))
  const count = (value: number) => formatNumber(value, locale)
  return (
    <Card
      title={t('comparison.title')}
      flush
      actions={<Chip tone={isEqual ? 'ok' : 'bad'}>{isEqual ? t('comparison.equal') : t('comparison.differs')}</Chip>}
    >
      <div className="card-bd mid small">
        {t('comparison.said', {
          keys: count(comparison.keys),
          served: count(comparison.servedKeys),
          at: formatInstant(comparison.evaluatedAtMs, zone, { label: true }),
        })}{' '}
        {comparison.sampledKeys > 0 &&
          t('comparison.sampled', { sampled: count(comparison.sampledKeys), events: count(comparison.eventsRead) })}
      </div>
      <DataTable
        label={t('comparison.title')}
        rows={comparison.features}
        rowKey={({ feature, against }) => `${feature} ${against}`}
        columns={[
          {
            key: 'feature',
            header: t('comparison.feature'),
            cell: ({ feature }) => (
              <span className="row" style={{ gap: 6 }}>
                <span className="mono">{feature}</span>
                {comparison.blocking.includes(feature) && <Chip tone="bad">{t('comparison.blocking')}</Chip>}
              </span>
            ),
          },
          {
            key: 'against',
            header: t('comparison.against'),
            wrap: true,
            cell: ({ against, why }) => (
              <>
                {t(`comparison.againsts.${against}`)}
                {why && <small className="mid">{` · ${why}`}</small>}
              </>
            ),
          },
          { key: 'keys', header: t('comparison.keys'), numeric: true, cell: ({ keys }) => count(keys) },
          ...(['differing', 'missing', 'extra'] as const).map((what) => ({
            key: what,
            header: t(`comparison.${what}`),
            numeric: true,
            cell: (row: Comparison['features'][number]) => formatPercent(percentOf(row[what], row) / 100, locale, 2),
          })),
          {
            key: 'smape',
            header: t('comparison.smape'),
            numeric: true,
            cell: ({ smapePercent }) => (smapePercent === null ? '–' : formatPercent(smapePercent / 100, locale, 2)),
          },
        ]}
      />
      {examples.length > 0 && (
        <DataTable
          label={t('comparison.examples')}
          rows={examples}
          rowKey={({ feature, i }) => `${feature} ${i}`}
          columns={[
            { key: 'feature', header: t('comparison.examples'), cell: ({ feature }) => <span className="mono">{feature}</span> },
            { key: 'key', header: t('comparison.key'), cell: ({ example }) => Object.values(example.key).join(', ') },
            { key: 'how', header: t('comparison.how'), cell: ({ example }) => t(`comparison.hows.${example.how}`) },
            { key: 'expected', header: t('comparison.expected'), numeric: true, cell: ({ example }) => shown(example, 'expected') },
            { key: 'found', header: t('comparison.found'), numeric: true, cell: ({ example }) => shown(example, 'found') },
            { key: 'window', header: t('comparison.window'), wrap: true, cell: ({ example }) => windowText(example.window) },
          ]}
        />
      )}
    </Card>
  )

  function shown(example: ComparedExample, side: 'expected' | 'found'): string {
    if ((side === 'expected' && example.how === 'extra') || (side === 'found' && example.how === 'missing')) return t('comparison.noKey')
    return example[side] === null ? t('comparison.null') : formatCell(example[side], locale)
  }

  function windowText(window: ComparedExample['window']): string {
    if (!window) return '–'
    const to = formatInstant(window.toMs, zone, { millis: true })
    return window.fromMs === null
      ? t('comparison.since', { to })
      : t('comparison.from', { from: formatInstant(window.fromMs, zone, { millis: true }), to })
  }
}
