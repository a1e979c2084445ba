import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { TokensPage } from '@/components/settings/tokens-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('settings'))('tokens.title') }
}

export default function Page() {
  return <TokensPage />
}
