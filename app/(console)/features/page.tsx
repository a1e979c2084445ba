import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ViewList } from '@/components/features/view-list.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('features')
  return { title: t('title') }
}

export default function Page() {
  return <ViewList />
}
