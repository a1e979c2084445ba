import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { StreamList } from '@/components/streams/stream-list.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('streams')
  return { title: t('title') }
}

export default function Page() {
  return <StreamList />
}
