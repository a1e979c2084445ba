'use client'
import { useTranslations } from 'next-intl'
import type { FeatureFate, ReleaseCheck } from '@/contract/release-check.ts'
import { Chip, type Tone } from '@/components/ui/chip.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { CheckFigures } from './release-check-figures.tsx'
import { useTold } from './use-told.ts'

const tones: Record<FeatureFate['fate'], { tone: Tone; shape: string }> = {
  kept: { tone: 'ok', shape: '✓' },
  built: { tone: 'run', shape: '＋' },
  changed: { tone: 'warn', shape: '≠' },
  dropped: { tone: 'bad', shape: '✕' },
}

/** What the release would do, as the engine judges it now: each feature and why, tables, figures, who reads, and what stands in the way. */
export function ReleaseCheckTable({ check }: { check: ReleaseCheck }) {
  const t = useTranslations('releases')
  const say = useTold()
  return (
    <section className="stack" style={{ gap: 8 }} aria-label={t('check.title')}>
      {check.refusals.map(({ why, way }) => (
        <div key={why.code} role="alert" className="card" style={{ borderColor: 'var(--bad)', padding: '8px 12px' }}>
          <b style={{ color: 'var(--bad)' }}>✕ {t('check.refused')}</b> {say(why)} {say(way)}
        </div>
      ))}
      {check.readsAgain && (
        <div>
          <Chip tone="warn">{t('check.readsAgain')}</Chip> {say(check.readsAgain)}
        </div>
      )}
      {check.warnings.map((one) => (
        <div key={one.code}>
          <Chip tone="warn">{t('check.know')}</Chip> {say(one)}
        </div>
      ))}
      <DataTable
        label={t('check.features')}
        rows={check.features}
        rowKey={({ name, fate }) => `${fate} ${name}`}
        maxHeight={260}
        columns={[
          { key: 'name', header: t('check.feature'), cell: ({ name }) => <span className="mono">{name}</span> },
          { key: 'fate', header: t('check.fate'), cell: ({ fate }) => <Chip {...tones[fate]}>{t(`check.fates.${fate}`)}</Chip> },
          { key: 'why', header: t('check.why'), wrap: true, cell: (feature) => <Why feature={feature} /> },
        ]}
      />
      <CheckFigures check={check} />
    </section>
  )
}

function Why({ feature: { fate, why, before, after } }: { feature: FeatureFate }) {
  const say = useTold()
  return (
    <>
      {say(why)}
      {fate === 'changed' && (
        <div className="mono dim small">
          {before} → {after}
        </div>
      )}
    </>
  )
}
