import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { NewStream } from '@/components/streams/new-stream.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('streams')
  return { title: t('new.title') }
}

export default function Page() {
  return <NewStream />
}
