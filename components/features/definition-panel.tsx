'use client'
import { useTranslations } from 'next-intl'
import type { View } from '@/contract/http-api.ts'
import type { ViewDefinition } from '@/definition/model.ts'
import { visit } from '@/definition/diff.ts'
import { printExpr } from '@/definition/print-sql.ts'
import { Chip } from '../ui/chip.tsx'
import { CodeBlock, Copyable } from '../ui/copy.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { useFrameText, useGroupText } from './frame-text.ts'

/** The pinned sources that an expression calls. */
function sourcesOf(expr: ViewDefinition['features'][number]['expr'], { code = [] }: ViewDefinition) {
  const called = new Set<string>()
  visit(expr, (node) => node.kind === 'code' && called.add(node.feature))
  return code.filter(({ name }) => called.has(name))
}

/** The latest version: its features one by one, and the SQL. */
export function DefinitionPanel({ view }: { view: View }) {
  const t = useTranslations('features')
  const frameText = useFrameText()
  const groupText = useGroupText()
  const { definition } = view
  const rows = definition.features.map((feature, at) => ({ feature, type: view.types[at] }))
  const columns: Column<(typeof rows)[number]>[] = [
    { key: 'name', header: t('form.name'), cell: ({ feature }) => <span className="strong">{feature.name}</span> },
    { key: 'type', header: t('view.type'), cell: ({ type }) => <span className="mono">{type?.type}</span> },
    { key: 'value', header: t('form.value'), wrap: true, cell: ({ feature }) => <code>{printExpr(feature.expr)}</code> },
    {
      key: 'window',
      header: t('form.window'),
      cell: ({ feature: { expr } }) => {
        if (definition.group && expr.kind === 'aggregate') return groupText(definition.group)
        const window = expr.kind === 'aggregate' ? definition.windows.find((each) => each.name === expr.window) : undefined
        return window ? frameText(window) : <span className="dim">{t('form.derived')}</span>
      },
    },
    {
      key: 'note',
      header: t('view.note'),
      cell: ({ type }) =>
        type?.note === 'latest-event' ? (
          <Chip tone="warn" title={t('view.latestEventMeaning')}>
            {t('view.latestEvent')}
          </Chip>
        ) : null,
    },
    {
      key: 'source',
      header: t('code.source'),
      cell: ({ feature: { expr } }) =>
        sourcesOf(expr, definition).map(({ name, file, hash }) => (
          <div key={name} className="small">
            <span className="mono">features/{file}</span> <Copyable value={hash}>{hash.slice(0, 10)}</Copyable>
          </div>
        )),
    },
    { key: 'id', header: t('view.id'), cell: ({ type }) => type && <Copyable value={type.id}>{type.id.slice(0, 10)}</Copyable> },
  ]
  return (
    <>
      <DataTable label={t('title')} columns={columns} rows={rows} rowKey={({ feature }) => feature.name} />
      <div className="card-bd">
        <CodeBlock value={view.sql} label="SQL" />
      </div>
    </>
  )
}
