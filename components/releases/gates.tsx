'use client'
import { useLocale, useTranslations } from 'next-intl'
import type { Release } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { formatDuration, formatNumber } from '@/components/ui/format.ts'

const shapes = { waiting: '○', measuring: '◔', held: '✓', failed: '✕' } as const
const colours = { waiting: 'var(--ink-3)', measuring: 'var(--run)', held: 'var(--ok)', failed: 'var(--bad)' } as const
type Gate = Release['gates'][number]

export function gateFigure(value: number | null, unit: string, locale: string, unknown: string, records: string): string {
  if (value === null) return unknown
  if (unit === 'ms') return formatDuration(value, locale)
  if (unit === 'records') return `${formatNumber(value, locale)} ${records}`
  return `${formatNumber(value, locale, 2)} ${unit}`.trim()
}

/** What must hold before it goes on: measured against wanted, and for how long it has held. */
export function Gates({ gates }: { gates: Gate[] }) {
  const t = useTranslations('releases')
  const locale = useLocale()
  const held = gates.filter((gate) => gate.state === 'held').length
  const figure = (gate: Gate, value: number | null) => gateFigure(value, gate.unit, locale, t('unknown'), t('records'))
  return (
    <Card title={t('gates.title')} actions={gates.length > 0 && <span className="n">{`${held} / ${gates.length}`}</span>}>
      {gates.length === 0 && <div className="mid">{t('gates.none')}</div>}
      {gates.map((gate) => (
        <div className="gate" key={gate.name}>
          <span style={{ color: colours[gate.state] }} aria-hidden="true">
            {shapes[gate.state]}
          </span>
          <div>
            {t.has(`gates.names.${gate.name}`) ? t(`gates.names.${gate.name}`) : gate.name.replaceAll('_', ' ')}
            <small>
              {t(`gates.states.${gate.state}`)}
              {gate.threshold !== null && ` · ≤ ${figure(gate, gate.threshold)}`}
              {gate.neededSamples > 0 && ` · ${t('gates.samples', { held: gate.heldSamples, needed: gate.neededSamples })}`}
            </small>
          </div>
          <span className="n">{figure(gate, gate.measured)}</span>
        </div>
      ))}
    </Card>
  )
}
