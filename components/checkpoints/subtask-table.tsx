'use client'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { SubtaskStats } from '@/contract/job-ipc.ts'
import { Card } from '@/components/ui/card.tsx'
import { Bytes, Duration } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'
import { type Figure, figures, minAvgMax, type SortKey, sortSubtasks, stragglers } from './subtasks.ts'

const Value = ({ figure, value }: { figure: Figure; value: number }) =>
  figure.endsWith('Ms') ? <Duration value={value} /> : <Bytes value={value} />

/** The checkpoint per subtask: min, avg and max on top, every column sortable, pending ones and stragglers marked. */
export function SubtaskTable({ subtasks }: { subtasks: SubtaskStats[] }) {
  const t = useTranslations('checkpoints')
  const [sort, setSort] = useState<{ key: SortKey; descending: boolean }>({ key: 'operator', descending: false })
  const slow = new Set([...stragglers(subtasks)].map((i) => subtasks[i]))
  const header = (key: SortKey, text: string) => (
    <th
      key={key}
      scope="col"
      className={key === 'operator' || key === 'acknowledgedAtMs' ? undefined : 'n'}
      aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className="sort"
        onClick={() => setSort({ key, descending: sort.key === key ? !sort.descending : key !== 'operator' })}
      >
        {text}
        {sort.key === key && <span aria-hidden="true"> {sort.descending ? '↓' : '↑'}</span>}
      </button>
    </th>
  )
  if (subtasks.length === 0)
    return (
      <Card title={t('subtasks.title')}>
        <div className="mid">{t('subtasks.none')}</div>
      </Card>
    )
  return (
    <Card title={t('subtasks.title')} aside={t('subtasks.aside')} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="table-wrap" aria-label={t('subtasks.title')} tabIndex={0}>
        <table className="t">
          <thead>
            <tr>
              {header('operator', t('columns.subtask'))}
              {header('acknowledgedAtMs', t('columns.acknowledgedAt'))}
              {figures.map((figure) => header(figure, t(`figures.${figure}`)))}
            </tr>
          </thead>
          <tbody>
            {(['min', 'avg', 'max'] as const).map((row) => (
              <tr key={row} className="mid">
                <th scope="row">{t(`summary.${row}`)}</th>
                <td className="dim">–</td>
                {figures.map((figure) => {
                  const found = minAvgMax(subtasks, figure)
                  return (
                    <td key={figure} className="n">
                      {found === null ? <span className="dim">{t('unknown')}</span> : <Value figure={figure} value={found[row]} />}
                    </td>
                  )
                })}
              </tr>
            ))}
            {sortSubtasks(subtasks, sort.key, sort.descending).map((subtask) => (
              <tr key={`${subtask.operator}/${subtask.subtask}`}>
                <th scope="row" style={{ color: 'var(--ink)' }}>
                  {t.has(`operators.names.${subtask.operator}`) ? t(`operators.names.${subtask.operator}`) : subtask.operator}{' '}
                  <span className="mono">{subtask.subtask}</span>
                  {slow.has(subtask) && <span style={{ color: 'var(--warn)' }}> ▲ {t('straggler')}</span>}
                </th>
                <td>
                  {subtask.acknowledgedAtMs === null ? (
                    <span className="dim">◔ {t('pending')}</span>
                  ) : (
                    <Time value={subtask.acknowledgedAtMs} mode="exact" millis />
                  )}
                </td>
                {figures.map((figure) => (
                  <td key={figure} className="n">
                    {subtask.acknowledgedAtMs === null ? <span className="dim">–</span> : <Value figure={figure} value={subtask[figure]} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  )
}
