'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ForwardReport } from '@/contract/job-ipc.ts'
import { isWebhook } from '@/definition/forward-stream.ts'
import { segment } from '@/components/api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { Figures } from '@/components/ui/figures.tsx'
import { Bytes, Num, Rate } from '@/components/ui/quantity.tsx'
import { Time } from '@/components/ui/time.tsx'

/** Where the job's rows go on to, and how far they have come. */
export function ForwardCard({ forward }: { forward: ForwardReport }) {
  const t = useTranslations('jobs')
  return (
    <Card
      title={t('forward.title')}
      aside={forward.epoch === null ? <Chip shape="◌">{t('forward.keeps')}</Chip> : <Chip tone="ok">{t('forward.forwards')}</Chip>}
    >
      <ForwardFigures forward={forward} />
    </Card>
  )
}

export function ForwardFigures({ forward }: { forward: ForwardReport }) {
  const t = useTranslations('jobs')
  const { target, epoch, forwarded, rowsPerSecond, refused, skipped, waitingRows, waitingBytes, newest, trouble } = forward
  return (
    <>
      <Figures
        items={[
          {
            label: t('forward.stream'),
            value: isWebhook(target) ? target : <Link href={`/streams/${segment(target)}`}>{target}</Link>,
            note: epoch === null ? t('forward.keepsMeaning') : undefined,
          },
          { label: t('forward.rate'), value: <Rate value={rowsPerSecond} />, note: t('forward.total', { count: forwarded }) },
          {
            label: t('forward.newest'),
            value: newest ? <Time value={newest.asOfMs} mode="exact" /> : <span className="dim">{t('forward.none')}</span>,
            note: newest ? t('forward.n', { count: newest.n }) : undefined,
          },
          { label: t('forward.waiting'), value: <Num value={waitingRows} />, note: <Bytes value={waitingBytes} /> },
          { label: t('forward.refused'), value: <Num value={refused} />, note: t('forward.refusedMeaning') },
          { label: t('forward.skipped'), value: <Num value={skipped} />, note: t('forward.skippedMeaning') },
        ]}
      />
      {trouble !== null && (
        <p role="status">
          <Chip tone="warn">{t('forward.trouble')}</Chip> <span className="small">{trouble}</span>
        </p>
      )}
    </>
  )
}
