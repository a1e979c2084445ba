'use client'
import { useTranslations } from 'next-intl'
import type { JobDetail } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { Time } from '@/components/ui/time.tsx'

/** What went wrong in this job: first, last, how often; the stack only when asked for. */
export function ExceptionsCard({ exceptions }: { exceptions: JobDetail['exceptions'] }) {
  const t = useTranslations('jobs')
  return (
    <Card title={t('exceptions.title')} actions={exceptions.length > 0 && <span className="n">{exceptions.length}</span>}>
      {exceptions.length === 0 && <div className="mid">✓ {t('exceptions.none')}</div>}
      <div className="stack">
        {exceptions.map((one) => (
          <div key={one.id}>
            <div className="row wrap">
              <span className="mono strong" style={{ color: 'var(--bad)' }}>
                ✕ {one.code}
              </span>
              <span className="dim small">
                {t('exceptions.times', { count: one.count })} · {t('exceptions.run', { run: one.run })} · {t('exceptions.first')}{' '}
                <Time value={one.firstAt} /> · {t('exceptions.last')} <Time value={one.lastAt} />
              </span>
            </div>
            <div style={{ overflowWrap: 'anywhere' }}>{one.message}</div>
            {one.stack && (
              <details>
                <summary className="small" style={{ color: 'var(--accent)', cursor: 'pointer' }}>
                  {t('exceptions.stack')}
                </summary>
                <CodeBlock value={one.stack} label={t('exceptions.stack')} maxHeight={260} />
              </details>
            )}
          </div>
        ))}
      </div>
    </Card>
  )
}
