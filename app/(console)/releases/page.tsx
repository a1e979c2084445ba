import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ReleaseList } from '@/components/releases/release-list.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('releases'))('title') }
}

export default function Page() {
  return <ReleaseList />
}
