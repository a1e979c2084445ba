'use client'
import { IconSitemap, IconTable } from '@tabler/icons-react'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import type { JobMetrics } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { formatCompact, formatPercent, formatRate } from '@/components/ui/format.ts'
import { Num, Rate } from '@/components/ui/quantity.tsx'
import { type OperatorNode, operatorChain } from './operator-graph.ts'

/** How the data runs through the job: operators with rate and busy share; the same as a table behind the button. */
export function OperatorsCard({ operators }: { operators: JobMetrics['operators'] | null }) {
  const t = useTranslations('jobs')
  const locale = useLocale()
  const [asTable, setAsTable] = useState(false)
  const name = (operator: string) => (t.has(`operators.names.${operator}`) ? t(`operators.names.${operator}`) : operator)
  const { nodes, edges } = operatorChain(operators ?? [])
  const label = asTable ? t('operators.asGraph') : t('operators.asTable')
  return (
    <Card
      title={t('operators.title')}
      aside={t('operators.aside')}
      actions={
        <button
          type="button"
          className="icon-btn"
          aria-pressed={asTable}
          aria-label={label}
          title={label}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? <IconSitemap size={15} /> : <IconTable size={15} />}
        </button>
      }
      flush
    >
      {nodes.length === 0 ? (
        <div className="card-bd mid">{t('operators.none')}</div>
      ) : asTable ? (
        <DataTable
          label={t('operators.title')}
          rows={nodes}
          rowKey={(node) => node.operator}
          columns={[
            { key: 'name', header: t('operators.name'), cell: (node: OperatorNode) => name(node.operator) },
            { key: 'in', header: t('operators.in'), numeric: true, cell: (node) => <Num value={node.recordsIn} /> },
            { key: 'out', header: t('operators.out'), numeric: true, cell: (node) => <Num value={node.recordsOut} /> },
            { key: 'rate', header: t('operators.rate'), numeric: true, cell: (node) => <Rate value={node.recordsPerSecond} /> },
            { key: 'busy', header: t('operators.busy'), numeric: true, cell: (node) => formatPercent(node.busyShare, locale) },
          ]}
        />
      ) : (
        <ol className="graph" aria-label={t('operators.title')}>
          {nodes.map((node, i) => (
            <li key={node.operator} style={{ display: 'contents' }}>
              {i > 0 && (
                <div className="graph-edge">
                  <span className="n dim">{formatRate(edges[i - 1]?.recordsPerSecond, locale)}</span>
                  <i aria-hidden="true" />
                  {edges[i - 1]?.bottleneck && (
                    <span className="small" style={{ color: 'var(--warn)' }}>
                      ▲ {t('operators.holdsUp')}
                    </span>
                  )}
                </div>
              )}
              <div className="graph-node">
                <b>{name(node.operator)}</b>
                <div className="bar" aria-hidden="true">
                  <i
                    style={{
                      width: `${Math.min(1, node.busyShare) * 100}%`,
                      background: node.busyShare >= 0.8 ? 'var(--warn)' : 'var(--job1)',
                    }}
                  />
                </div>
                <span className="dim small">{t('operators.busyShare', { share: formatPercent(node.busyShare, locale, 0) })}</span>
                <span className="dim small">
                  {t('operators.counts', { in: formatCompact(node.recordsIn, locale), out: formatCompact(node.recordsOut, locale) })}
                </span>
              </div>
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}
