import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { JobList } from '@/components/jobs/job-list.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs'))('title') }
}

export default function Page() {
  return <JobList />
}
