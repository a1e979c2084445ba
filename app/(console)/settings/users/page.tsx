import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { UsersPage } from '@/components/settings/users-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('settings'))('users.title') }
}

export default function Page() {
  return <UsersPage />
}
