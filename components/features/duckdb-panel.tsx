'use client'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { DuckdbCheckAnswer } from '@/contract/engine-api.ts'
import type { EvenflowError } from '@/contract/errors.ts'
import { api } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { CodeBlock } from '../ui/copy.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCell } from '../ui/format.ts'
import { Duration } from '../ui/quantity.tsx'

const ROWS = 5000

export type DuckdbResult = { sql: string; rows: number; differing: number }

/** The same rows computed by DuckDB from the same events, by its own windows; every difference is shown. */
export function DuckdbPanel({ sql, onResult }: { sql: string | null; onResult: (result: DuckdbResult) => void }) {
  const t = useTranslations('features')
  const locale = useLocale()
  const [of, setOf] = useState<string | null>(null)
  const check = useMutation<DuckdbCheckAnswer, EvenflowError, string>({
    mutationFn: (text) => api(DuckdbCheckAnswer, '/views/preview/duckdb', { body: { sql: text, last: ROWS } }),
  })
  const run = () => {
    if (sql === null) return
    setOf(sql)
    check.mutate(sql, { onSuccess: (answer) => onResult({ sql, rows: answer.rows, differing: answer.differing }) })
  }
  const answer = check.data
  return (
    <div className="card-bd stack">
      <div className="row wrap">
        <Button variant="filled" onClick={run} disabled={sql === null} loading={check.isPending}>
          {t('duckdb.run')}
        </Button>
        <span className="mid">{t('duckdb.what', { count: ROWS })}</span>
      </div>
      {check.error && <ErrorNote error={check.error} />}
      {answer && (
        <>
          <div className="row wrap">
            {answer.differing === 0 ? (
              <Chip tone="ok">{t('duckdb.equal', { count: answer.rows })}</Chip>
            ) : (
              <Chip tone="bad">{t('duckdb.differ', { count: answer.differing })}</Chip>
            )}
            <span className="mid">{t('duckdb.compared', { count: answer.comparedFeatures.length })}</span>
            <span className="dim">
              <Duration value={answer.tookMs} />
            </span>
            {of !== sql && <Chip tone="warn">{t('duckdb.stale')}</Chip>}
          </div>
          {answer.skippedFeatures.length > 0 && (
            <ul style={{ margin: 0, paddingLeft: 18 }}>
              {answer.skippedFeatures.map((skipped) => (
                <li key={skipped.name}>
                  <code>{skipped.name}</code>: {skipped.why}
                </li>
              ))}
            </ul>
          )}
          {answer.examples.length > 0 && (
            <div className="table-wrap">
              <table className="t" aria-label={t('duckdb.examples')}>
                <thead>
                  <tr>
                    <th scope="col">{t('preview.position')}</th>
                    <th scope="col">{t('duckdb.key')}</th>
                    <th scope="col">{t('duckdb.feature')}</th>
                    <th scope="col" className="n">
                      Evenflow
                    </th>
                    <th scope="col" className="n">
                      DuckDB
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {answer.examples.map((example) => (
                    <tr key={`${example.position}:${example.feature}`}>
                      <td className="mono">{example.position}</td>
                      <td>{example.key}</td>
                      <td className="mono">{example.feature}</td>
                      <td className="n">{formatCell(example.ours, locale)}</td>
                      <td className="n">{formatCell(example.duckdb, locale)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <details>
            <summary className="mid">{t('duckdb.sql')}</summary>
            <CodeBlock value={answer.sql} label={t('duckdb.sql')} maxHeight={260} />
          </details>
        </>
      )}
    </div>
  )
}
