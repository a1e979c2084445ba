import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { ReleasePage } from '@/components/releases/release-page.tsx'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `R-${(await params).id}` }
}

export default async function Page({ params }: Props) {
  const { id } = await params
  if (!/^\d+$/.test(id)) notFound()
  return <ReleasePage id={id} />
}
