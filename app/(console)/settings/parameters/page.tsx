import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ParametersPage } from '@/components/parameters/parameters-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('parameters'))('title') }
}

export default function Page() {
  return <ParametersPage />
}
