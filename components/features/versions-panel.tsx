'use client'
import { NativeSelect } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { list, type View, ViewDiff, ViewVersion } from '@/contract/http-api.ts'
import { query, segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { CodeBlock } from '../ui/copy.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useUrlState } from '../ui/url-state.ts'
import { useApi } from '../use-api.ts'
import { DiffTable } from './diff-table.tsx'

/** Every saved version, and what changed between any two of them. */
export function VersionsPanel({ view }: { view: View }) {
  const t = useTranslations('features')
  const versions = useApi(list(ViewVersion), `/views/${segment(view.name)}/versions`, 5000)
  const [fromText, setFrom] = useUrlState('from')
  const [toText, setTo] = useUrlState('to')
  const to = Number(toText) || view.latestVersion
  const from =
    Number(fromText) || Math.max(1, view.runningVersion !== undefined && view.runningVersion !== to ? view.runningVersion : to - 1)
  const diff = useApi(ViewDiff, from === to ? null : `/views/${segment(view.name)}/diff${query({ from, to })}`, false)
  const columns: Column<ViewVersion>[] = [
    {
      key: 'version',
      header: t('history.version'),
      cell: (version) => (
        <span className="row" style={{ gap: 6 }}>
          <b>v{version.version}</b>
          {version.version === view.runningVersion && <Chip tone="ok">{t('versions.running')}</Chip>}
        </span>
      ),
    },
    { key: 'features', header: t('title'), numeric: true, cell: (version) => version.types.length },
    { key: 'note', header: t('save.note'), wrap: true, cell: (version) => version.note ?? <span className="dim">–</span> },
    { key: 'at', header: t('list.created'), cell: (version) => <Time value={version.createdAt} /> },
    { key: 'by', header: t('versions.by'), cell: (version) => version.createdBy },
  ]
  if (versions.error && !versions.data)
    return (
      <div className="card-bd">
        <ErrorNote error={versions.error} />
      </div>
    )
  if (!versions.data) return <SkeletonRows />
  const choices = versions.data.items.map((version) => ({ value: String(version.version), label: `v${version.version}` }))
  return (
    <>
      <DataTable label={t('view.tabs.versions')} columns={columns} rows={versions.data.items} rowKey={(version) => version.version} />
      {versions.data.items.length > 1 && (
        <>
          <div className="row wrap" style={{ padding: '10px 14px', borderBlock: '1px solid var(--line-soft)' }}>
            <h2>{t('versions.compare')}</h2>
            <NativeSelect
              aria-label={t('versions.from')}
              value={String(from)}
              data={choices}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <span aria-hidden="true">→</span>
            <NativeSelect
              aria-label={t('versions.to')}
              value={String(to)}
              data={choices}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          </div>
          {from === to && (
            <p className="dim card-bd" style={{ margin: 0 }}>
              {t('versions.same')}
            </p>
          )}
          {diff.error && (
            <div className="card-bd">
              <ErrorNote error={diff.error} />
            </div>
          )}
          {diff.data && from !== to && (
            <>
              <DiffTable label={t('versions.compare')} rows={diff.data.features} />
              {diff.data.other.length > 0 && (
                <ul className="card-bd" style={{ margin: 0, paddingLeft: 30 }}>
                  {diff.data.other.map((other) => (
                    <li key={other.what}>
                      {other.what}: <code>{other.before ?? '–'}</code> → <code>{other.after ?? '–'}</code>
                    </li>
                  ))}
                </ul>
              )}
              <div className="card-bd grid" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(320px, 1fr))' }}>
                <CodeBlock value={diff.data.sqlBefore} label={`v${from}`} maxHeight={300} />
                <CodeBlock value={diff.data.sqlAfter} label={`v${to}`} maxHeight={300} />
              </div>
            </>
          )}
        </>
      )}
    </>
  )
}
