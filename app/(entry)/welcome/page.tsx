import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { WelcomePage } from '@/components/entrance/welcome-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('entrance')
  return { title: t('welcome.title') }
}

export default function Page() {
  return <WelcomePage />
}
