import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { CheckpointsPage } from '@/components/checkpoints/checkpoints-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('checkpoints'))('title') }
}

export default function Page() {
  return <CheckpointsPage />
}
