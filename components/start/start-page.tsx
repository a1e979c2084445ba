'use client'
import { Overview } from '@/contract/http-api.ts'
import { useTranslations } from 'next-intl'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { useApi } from '../use-api.ts'

export function StartPage() {
  const t = useTranslations('shell')
  const overview = useApi(Overview, '/overview')
  return <PageHeader title={t('nav.overview')} actions={<LiveAge query={overview} />} />
}
