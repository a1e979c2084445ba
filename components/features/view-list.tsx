'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { list, View } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useApi } from '../use-api.ts'
import { CodeFeaturesCard } from './code-features-card.tsx'
import { StreamLinks } from './stream-links.tsx'
import { VersionChips } from './version-chips.tsx'

export function ViewList() {
  const t = useTranslations('features')
  const views = useApi(list(View), '/views')
  const add = (
    <Button component={Link} href="/features/new" variant="filled">
      {t('list.add')}
    </Button>
  )
  const columns: Column<View>[] = [
    {
      key: 'name',
      header: t('list.view'),
      cell: (view) => (
        <Link className="strong" href={`/features/${segment(view.name)}`}>
          {view.name}
        </Link>
      ),
    },
    { key: 'stream', header: t('form.stream'), cell: (view) => <StreamLinks view={view} /> },
    { key: 'key', header: t('form.key'), cell: (view) => <span className="mono">{view.key.join(', ')}</span> },
    { key: 'features', header: t('title'), wrap: true, cell: (view) => <FeatureNames view={view} /> },
    { key: 'versions', header: t('list.versions'), cell: (view) => <VersionChips view={view} /> },
    { key: 'created', header: t('list.created'), cell: (view) => <Time value={view.createdAt} /> },
    {
      key: 'edit',
      header: <span className="sr">{t('view.edit')}</span>,
      cell: (view) => (
        <Link href={`/features/${segment(view.name)}/edit`} aria-label={t('list.edit', { view: view.name })}>
          {t('view.edit')}
        </Link>
      ),
    },
  ]
  return (
    <>
      <PageHeader
        title={t('title')}
        sub={t('list.intro')}
        actions={
          <>
            <LiveAge query={views} />
            {add}
          </>
        }
      />
      {views.error && !views.data ? (
        <ErrorNote error={views.error} />
      ) : (
        <Card flush>
          {views.data ? (
            <DataTable
              label={t('list.views')}
              columns={columns}
              rows={views.data.items}
              rowKey={(view) => view.name}
              empty={
                <EmptyState title={t('list.empty')} action={add}>
                  {t('list.emptyText')}
                </EmptyState>
              }
            />
          ) : (
            <SkeletonRows />
          )}
        </Card>
      )}
      <div style={{ marginTop: 14 }}>
        <CodeFeaturesCard />
      </div>
    </>
  )
}

function FeatureNames({ view }: { view: View }) {
  const names = view.types.map((type) => type.name)
  return (
    <span className="row wrap" style={{ gap: 4 }} title={names.join('\n')}>
      <span className="n">{names.length}</span>
      {names.slice(0, 4).map((name) => (
        <Chip key={name}>{name}</Chip>
      ))}
      {names.length > 4 && <span className="dim">…</span>}
    </span>
  )
}
