'use client'
import { useTranslations } from 'next-intl'
import type { Job } from '@/contract/http-api.ts'
import { Status } from '@/components/ui/status.tsx'

/** What was observed; where that is not what was asked for, both. */
export function JobState({ job }: { job: Pick<Job, 'desired' | 'observed' | 'reason'> }) {
  const t = useTranslations('jobs')
  const words = useTranslations('status')
  const asDesired = job.desired === 'RUNNING' ? job.observed === 'RUNNING' : job.observed === 'STOPPED'
  return (
    <span className="row" style={{ gap: 6, display: 'inline-flex' }} title={job.reason ?? undefined}>
      <Status value={job.observed} />
      {!asDesired && <span className="dim small">{t('desired', { state: words(`words.${job.desired}`) })}</span>}
    </span>
  )
}
