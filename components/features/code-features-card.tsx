'use client'
import { useTranslations } from 'next-intl'
import { CodeFeatureFile, list } from '@/contract/http-api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { Copyable } from '../ui/copy.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Duration } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { useApi } from '../use-api.ts'

/** The features in TypeScript that SQL may call, as their files are now; those with problems say where. */
export function CodeFeaturesCard() {
  const t = useTranslations('features')
  const files = useApi(list(CodeFeatureFile), '/code-features')
  const columns: Column<CodeFeatureFile>[] = [
    {
      key: 'name',
      header: t('form.name'),
      wrap: true,
      cell: ({ feature, problems }) =>
        feature ? (
          <>
            <span className="strong mono">{feature.name}</span>
            <div className="mid small">{feature.doc}</div>
          </>
        ) : (
          <>
            <Chip tone="bad">{t('code.problems', { count: problems.length })}</Chip>
            <ul className="stack small" style={{ listStyle: 'none', margin: 0, padding: 0, gap: 2 }}>
              {problems.map(({ line, message }) => (
                <li key={`${line}:${message}`}>
                  <span className="mono dim">{line}</span> {message}
                </li>
              ))}
            </ul>
          </>
        ),
    },
    { key: 'call', header: t('code.call'), wrap: true, cell: ({ feature }) => feature && <code>{feature.usage}</code> },
    {
      key: 'inputs',
      header: t('code.inputs'),
      wrap: true,
      cell: ({ feature }) =>
        feature && (
          <span className="mono small">
            {feature.inputs.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '?' : ''}`).join(', ')} → {feature.output}
          </span>
        ),
    },
    { key: 'ttl', header: 'TTL', cell: ({ feature }) => feature && feature.ttlMs !== null && <Duration value={feature.ttlMs} /> },
    { key: 'file', header: t('code.file'), cell: ({ file }) => <span className="mono">features/{file}</span> },
    {
      key: 'hash',
      header: t('code.source'),
      cell: ({ feature }) => feature && <Copyable value={feature.hash}>{feature.hash.slice(0, 10)}</Copyable>,
    },
  ]
  return (
    <Card title={t('code.title')} aside={t('code.aside')} flush>
      {files.error && !files.data ? (
        <ErrorNote error={files.error} />
      ) : files.data ? (
        <DataTable
          label={t('code.title')}
          columns={columns}
          rows={files.data.items}
          rowKey={({ file }) => file}
          empty={<EmptyState title={t('code.empty')}>{t('code.emptyText')}</EmptyState>}
        />
      ) : (
        <SkeletonRows />
      )}
    </Card>
  )
}
