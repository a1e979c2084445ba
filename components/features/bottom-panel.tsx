'use client'
import { Tabs } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { CheckAnswer, ViewVersion } from '@/contract/http-api.ts'
import { Chip } from '../ui/chip.tsx'
import { DraftDiff } from './draft-diff.tsx'
import { DuckdbPanel } from './duckdb-panel.tsx'
import { PreviewPanel } from './preview-panel.tsx'

export type DuckdbResult = { sql: string; rows: number; differing: number }
type Props = { sql: string; sound: boolean; answer: CheckAnswer | undefined; running: ViewVersion | undefined; keys: string[] }

/** Under form and SQL: values on real events, the same computed by DuckDB, what differs from the running version. */
export function BottomPanel({ sql, sound, answer, running, keys }: Props) {
  const t = useTranslations('features')
  const [result, setResult] = useState<DuckdbResult | null>(null)
  const canonical = sound ? (answer?.sql ?? sql) : null
  const checked = result && result.sql === canonical ? result : null
  return (
    <Tabs defaultValue="preview">
      <Tabs.List px={8} aria-label={t('tabs.label')}>
        <Tabs.Tab value="preview">{t('tabs.preview')}</Tabs.Tab>
        <Tabs.Tab value="duckdb">
          {t('tabs.duckdb')} {checked && (checked.differing === 0 ? <Chip tone="ok">{t('duckdb.equal', { count: checked.rows })}</Chip> : <Chip tone="bad">{t('duckdb.differ', { count: checked.differing })}</Chip>)}
        </Tabs.Tab>
        {running && <Tabs.Tab value="diff">{t('tabs.diff', { version: running.version })}</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="preview"><PreviewPanel sql={canonical} keys={keys} /></Tabs.Panel>
      <Tabs.Panel value="duckdb"><DuckdbPanel sql={canonical} onResult={setResult} /></Tabs.Panel>
      {running && <Tabs.Panel value="diff"><DraftDiff running={running} answer={sound ? answer : undefined} /></Tabs.Panel>}
    </Tabs>
  )
}
