'use client'
import { useTranslations } from 'next-intl'
import type { CheckAnswer, ViewVersion } from '@/contract/http-api.ts'
import { printExpr } from '@/definition/print-sql.ts'
import { EmptyState } from '../ui/empty.tsx'
import { DiffTable, type DiffRow } from './diff-table.tsx'

/** What the draft's state would be against the running version: kept, built, dropped, by the features' stable ids. */
export function DraftDiff({ running, answer }: { running: ViewVersion; answer: CheckAnswer | undefined }) {
  const t = useTranslations('features')
  if (!answer?.definition) return <EmptyState title={t('preview.waiting')} />
  const text = (definition: ViewVersion['definition'], name: string) => {
    const feature = definition.features.find((each) => each.name === name)
    return feature ? printExpr(feature.expr) : null
  }
  const before = new Map(running.types.map((type) => [type.id, type]))
  const names = new Map(running.types.map((type) => [type.name, type]))
  const definition = answer.definition
  const now: DiffRow[] = answer.types.map((type) => {
    const same = before.get(type.id)
    const old = names.get(type.name)
    const change = same ? (same.name === type.name ? 'kept' : 'renamed') : old ? 'changed' : 'added'
    return {
      name: type.name,
      change,
      before: same ? text(running.definition, same.name) : old ? text(running.definition, old.name) : null,
      after: text(definition, type.name),
      ...(change === 'renamed' && same && { was: same.name }),
    }
  })
  const gone: DiffRow[] = running.types
    .filter((type) => !answer.types.some((each) => each.id === type.id || each.name === type.name))
    .map((type) => ({ name: type.name, change: 'removed', before: text(running.definition, type.name), after: null }))
  return <DiffTable label={t('tabs.diff', { version: running.version })} rows={[...now, ...gone]} />
}
