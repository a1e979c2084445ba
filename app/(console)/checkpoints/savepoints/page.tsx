import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { SavepointsPage } from '@/components/savepoints/savepoints-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('savepoints'))('title') }
}

export default function Page() {
  return <SavepointsPage />
}
