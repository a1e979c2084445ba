'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { ReleaseCheck, TableFate } from '@/contract/release-check.ts'
import { formatBytes, formatDuration, formatInstant, formatNumber, formatRate } from '@/components/ui/format.ts'
import { usePreferences } from '@/components/ui/preferences.tsx'
import { useTold } from './use-told.ts'

/** The rest of the check as a list: state kept or new, what is read and how long that takes, memory against its limit, who reads. */
export function CheckFigures({ check }: { check: ReleaseCheck }) {
  const t = useTranslations('releases')
  const say = useTold()
  const locale = useLocale()
  const { zone } = usePreferences()
  const { reading, memory } = check
  return (
    <dl className="log" style={{ maxHeight: 'none' }}>
      <Line name={t('check.tables')}>
        {check.tables.length === 0 && <div>{t('check.noTables')}</div>}
        {check.tables.map((table) => (
          <Table key={table.kind} table={table} />
        ))}
        {check.droppedColumns > 0 && <div>{t('check.droppedColumns', { count: check.droppedColumns })}</div>}
      </Line>
      <Line name={t('check.reads')}>
        <div>{t(`check.from.${reading.from}`, { events: formatNumber(reading.events, locale) })}</div>
        {check.archive && (
          <div>
            {t('check.archive', {
              rows: formatNumber(check.archive.rows, locale),
              from: formatInstant(check.archive.minEventTimeMs, zone, { label: true }),
              to: formatInstant(check.archive.cutAtMs, zone, { label: true }),
            })}
          </div>
        )}
        {reading.historyEventTimeMs !== null && (
          <div>{t('check.passedOver', { at: formatInstant(reading.historyEventTimeMs, zone, { label: true }) })}</div>
        )}
      </Line>
      <Line name={t('check.takes')}>
        {reading.tookMs === null
          ? t('check.rateUnknown')
          : reading.measuredBy === null || reading.eventsPerSecond === null
            ? t('check.atOnce')
            : t('check.tookMs', {
                time: formatDuration(reading.tookMs, locale),
                rate: formatRate(reading.eventsPerSecond, locale),
                release: String(reading.measuredBy),
              })}
      </Line>
      <Line name={t('check.memory')}>
        <div>
          {memory.estimateBytes === null
            ? t('check.memoryUnknown', { limit: formatBytes(memory.limitBytes, locale) })
            : memory.isLeast
              ? t('check.memoryLeast', { bytes: formatBytes(memory.estimateBytes, locale), limit: formatBytes(memory.limitBytes, locale) })
              : t('check.memoryAbout', { bytes: formatBytes(memory.estimateBytes, locale), limit: formatBytes(memory.limitBytes, locale) })}
        </div>
        <div className="dim small">{say(memory.basis)}</div>
      </Line>
      <Line name={t('check.consumers')}>
        {check.consumers.length === 0 && t('check.noConsumers')}
        {check.consumers.map((one) => (
          <div key={one.code}>{say(one)}</div>
        ))}
      </Line>
    </dl>
  )
}

function Table({ table: { kind, fate, columns, reachMs, reachesFurther } }: { table: TableFate }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const built = columns.filter(({ reused }) => !reused).map(({ expr }) => expr)
  return (
    <div>
      {t(`check.kinds.${kind}`)}: {t(`check.tableFates.${fate}`)}
      {fate === 'extended' && built.length > 0 && (
        <>
          {' '}
          (<span className="mono">{built.join(', ')}</span>)
        </>
      )}
      {reachMs !== null && reachMs > 0 && ` · ${t('check.reach', { time: formatDuration(reachMs, locale) })}`}
      {reachesFurther && ` · ${t('check.further')}`}
    </div>
  )
}

const Line = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)
