import '@/components/ui/operate.css'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { CheckpointPage } from '@/components/checkpoints/checkpoint-page.tsx'

type Props = { params: Promise<{ id: string; checkpointId: string }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('checkpoints'))('kinds.checkpoint') }
}

export default async function Page({ params }: Props) {
  const { id, checkpointId } = await params
  if (!/^\d+$/.test(id) || !/^\d+$/.test(checkpointId)) notFound()
  return <CheckpointPage jobId={Number(id)} checkpointId={checkpointId} />
}
