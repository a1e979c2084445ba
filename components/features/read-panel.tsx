'use client'
import { useQuery } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { type Cell, type FeatureRow, FeaturesAnswer, OnlineRows } from '@/contract/engine-api.ts'
import type { EvenflowError } from '@/contract/errors.ts'
import type { Stream, View } from '@/contract/http-api.ts'
import { api, segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { CodeBlock } from '../ui/copy.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Figures } from '../ui/figures.tsx'
import { formatCell } from '../ui/format.ts'
import { CellText } from './cell-text.tsx'
import { usePreferences } from '../ui/preferences.tsx'
import { Duration } from '../ui/quantity.tsx'
import { Time } from '../ui/time.tsx'
import { useApi } from '../use-api.ts'
import styles from './features.module.css'
import { readCurl, typedKey } from './read-key.ts'
import { WindowRange } from './window-range.tsx'

/** Reads one key as a service would, every second, and shows the same call for the shell. */
export function ReadPanel({ view, stream }: { view: View; stream: Stream | undefined }) {
  const t = useTranslations('features')
  const { paused } = usePreferences()
  const some = useApi(OnlineRows, `/views/${segment(view.name)}/online?limit=1`, false)
  const [typed, setTyped] = useState<Record<string, string> | null>(null)
  const [origin, setOrigin] = useState('')
  useEffect(() => setOrigin(location.origin), [])
  const example = some.data?.items[0]?.key
  const text = typed ?? (example ? Object.fromEntries(Object.entries(example).map(([name, value]) => [name, String(value)])) : {})
  const key = typedKey(view.key, text, stream?.fields ?? [])
  const body = { view: view.name, keys: [key ?? {}] }
  const running = view.runningVersion !== undefined
  const read = useQuery<FeaturesAnswer, EvenflowError>({
    queryKey: ['read', view.name, JSON.stringify(key)],
    queryFn: ({ signal }) => api(FeaturesAnswer, '/features', { body, signal }),
    enabled: key !== null && running,
    refetchInterval: paused ? false : 1000,
    placeholderData: (previous) => previous,
  })
  const row = read.data?.rows[0]
  if (!running) return <EmptyState title={t('read.notReleased')}>{t('read.notReleasedText')}</EmptyState>
  return (
    <div className="card-bd stack">
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        {view.key.map((name) => (
          <label key={name} style={{ display: 'grid', gap: 2 }}>
            <span className="dim small mono">{name}</span>
            <input
              className={`${styles.field} ${styles.code}`}
              style={{ width: 200 }}
              value={text[name] ?? ''}
              onChange={(event) => setTyped({ ...text, [name]: event.target.value })}
              spellCheck={false}
            />
          </label>
        ))}
        {row && <ReadStatus row={row} />}
      </div>
      {read.error && <ErrorNote error={read.error} />}
      {row && <ReadValues row={row} view={view} />}
      <div>
        <h2 style={{ margin: '4px 0 6px' }}>{t('read.curl')}</h2>
        <CodeBlock value={readCurl(origin, body)} label={t('read.curl')} />
      </div>
    </div>
  )
}

function ReadStatus({ row }: { row: FeatureRow }) {
  const t = useTranslations('features')
  const tone = row.status === 'PRESENT' ? 'ok' : 'plain'
  return (
    <>
      <Chip tone={tone} {...(tone === 'plain' && { shape: '○' })}>
        {t(`read.status.${row.status}`)}
      </Chip>
      {row.catchingUp && <Chip tone="warn">{t('read.catchingUp')}</Chip>}
      {row.status === 'PRESENT' && !row.complete && (
        <Chip tone="warn" title={t('read.incompleteMeaning')}>
          {row.warmingUntil
            ? t.rich('read.warmingUntil', { time: () => <Time value={row.warmingUntil} mode="exact" /> })
            : t('read.incomplete')}
        </Chip>
      )}
      {row.problems?.map((problem) => (
        <Chip key={problem} tone="warn" shape="▲" title={t('read.problemMeaning')}>
          {t(`read.problem.${problem}`)}
        </Chip>
      ))}
    </>
  )
}

function ReadValues({ row, view }: { row: FeatureRow; view: View }) {
  const t = useTranslations('features')
  const locale = useLocale()
  const typeOf = (name: string) => view.types.find((type) => type.name === name)?.type
  const value = (cell: Cell | undefined, type: string | undefined) =>
    cell === null || cell === undefined ? (
      <span className="dim">{t('preview.null')}</span>
    ) : (
      <span data-testid="feature-value">{typeof cell === 'object' ? <CellText value={cell} type={type} /> : formatCell(cell, locale)}</span>
    )
  return (
    <>
      <Figures
        items={Object.entries(row.features).map(([name, cell]) => ({
          label: name,
          value: value(cell, typeOf(name)),
          note: typeOf(name),
        }))}
      />
      <div className="row wrap dim">
        {row.window === undefined ? (
          <span>{t.rich('read.asOf', { time: () => <Time value={row.asOf} mode="exact" millis /> })}</span>
        ) : (
          <span>{t.rich('read.window', { window: () => <WindowRange value={row.window} /> })}</span>
        )}
        <span>· {t.rich('read.evaluatedAt', { time: () => <Time value={row.evaluatedAt} mode="exact" millis /> })}</span>
        <span>· {t.rich('read.age', { age: () => <Duration value={row.ageMs} /> })}</span>
      </div>
    </>
  )
}
