'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { list, Stream, View } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { ReadPanel } from '../features/read-panel.tsx'
import { sourceOfView } from '../features/view-source.ts'
import { Card } from '../ui/card.tsx'
import { useApi } from '../use-api.ts'

/** Step five on the spot: a live value of the newest released view, and the call that reads it. */
export function LiveRead() {
  const t = useTranslations('start')
  const views = useApi(list(View), '/views', 5000)
  const streams = useApi(list(Stream), '/streams', 10_000)
  const view = views.data?.items
    .filter((each) => each.runningVersion !== undefined)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0]
  if (!view) return null
  return (
    <Card title={t('read.title')} aside={<Link href={`/features/${segment(view.name)}?tab=read`}>{view.name}</Link>} flush>
      <ReadPanel view={view} stream={sourceOfView(view.definition, streams.data?.items ?? [])} />
    </Card>
  )
}
