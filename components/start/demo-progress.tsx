'use client'
import { useTranslations } from 'next-intl'
import type { Guide } from '@/contract/http-api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { Num } from '../ui/quantity.tsx'

/** How far the demo's flights are loaded, or that they are being replayed; silent when there is no demo. */
export function DemoProgress({ demo }: { demo: NonNullable<Guide['demo']> }) {
  const t = useTranslations('start')
  if (demo.state === 'off') return null
  const share = demo.total > 0 ? Math.min(1, demo.loaded / demo.total) : 0
  const known = ['loading', 'replaying', 'finished', 'failed'] as const
  const state = known.find((each) => each === demo.state)
  const tone = state === 'failed' ? 'bad' : state === 'loading' ? 'run' : 'ok'
  return (
    <Card>
      <div className="row wrap">
        <Chip tone={tone}>{state ? t(`demo.${state}`) : demo.state}</Chip>
        <span>{t.rich('demo.flights', { loaded: () => <Num value={demo.loaded} />, total: () => <Num value={demo.total} /> })}</span>
        {demo.message && <span className="mid">{demo.message}</span>}
      </div>
      {state === 'loading' && (
        <div
          className="bar"
          role="progressbar"
          aria-label={t('demo.loading')}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
          style={{ marginTop: 8 }}
        >
          <i style={{ width: `${share * 100}%` }} />
        </div>
      )}
    </Card>
  )
}
