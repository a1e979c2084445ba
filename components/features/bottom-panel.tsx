'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { CheckAnswer, ViewVersion } from '@/contract/http-api.ts'
import { Chip } from '../ui/chip.tsx'
import { Tabs } from '../ui/tabs.tsx'
import type { DuckdbResult } from './duckdb-panel.tsx'
import { PreviewPanel } from './preview-panel.tsx'

const DraftDiff = dynamic(() => import('./draft-diff.tsx').then((module) => module.DraftDiff))
const DuckdbPanel = dynamic(() => import('./duckdb-panel.tsx').then((module) => module.DuckdbPanel))

type Props = { sql: string; sound: boolean; answer: CheckAnswer | undefined; running: ViewVersion | undefined; keys: string[] }

/** Under form and SQL: values on real events, the same computed by DuckDB, what differs from the running version. */
export function BottomPanel({ sql, sound, answer, running, keys }: Props) {
  const t = useTranslations('features')
  const [tab, setTab] = useState<'preview' | 'duckdb' | 'diff'>('preview')
  const [result, setResult] = useState<DuckdbResult | null>(null)
  const canonical = sound ? (answer?.sql ?? sql) : null
  const checked = result && result.sql === canonical ? result : null
  return (
    <Tabs
      label={t('tabs.label')}
      value={tab}
      onChange={setTab}
      tabs={[
        { key: 'preview', label: t('tabs.preview'), panel: () => <PreviewPanel sql={canonical} keys={keys} /> },
        {
          key: 'duckdb',
          label: (
            <>
              {t('tabs.duckdb')}{' '}
              {checked &&
                (checked.differing === 0 ? (
                  <Chip tone="ok">{t('duckdb.equal', { count: checked.rows })}</Chip>
                ) : (
                  <Chip tone="bad">{t('duckdb.differ', { count: checked.differing })}</Chip>
                ))}
            </>
          ),
          panel: () => <DuckdbPanel sql={canonical} onResult={setResult} />,
        },
        ...(running
          ? [
              {
                key: 'diff' as const,
                label: t('tabs.diff', { version: running.version }),
                panel: () => <DraftDiff running={running} answer={sound ? answer : undefined} />,
              },
            ]
          : []),
      ]}
    />
  )
}
