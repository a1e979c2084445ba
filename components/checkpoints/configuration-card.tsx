'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { CheckpointHistory } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { ParameterValue } from '../parameters/parameter-value.tsx'

/** How checkpoints of this job are taken. */
export function ConfigurationCard({ configuration, jobId }: { configuration: CheckpointHistory['configuration']; jobId: number }) {
  const t = useTranslations('checkpoints')
  return (
    <Card
      title={t('configuration.title')}
      actions={<Link href={`/settings/parameters?scope=job:${jobId}`}>{t('configuration.change')}</Link>}
    >
      {configuration.length === 0 && <div className="mid">{t('configuration.none')}</div>}
      <dl className="log">
        {configuration.map((one) => (
          <Line key={one.key} name={t.has(`configuration.names.${one.key}`) ? t(`configuration.names.${one.key}`) : one.key}>
            <ParameterValue value={one.value} parameterKey={one.key} />
          </Line>
        ))}
      </dl>
    </Card>
  )
}

const Line = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)
