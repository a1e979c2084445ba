import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { JobPage } from '@/components/jobs/job-page.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const t = await getTranslations('jobs')
  return { title: t('job', { id: (await params).id }) }
}

export default async function Page({ params }: Props) {
  const { id } = await params
  if (!/^\d+$/.test(id)) notFound()
  return <JobPage id={Number(id)} />
}
