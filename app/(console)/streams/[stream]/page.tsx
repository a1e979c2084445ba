import type { Metadata } from 'next'
import { StreamPage } from '@/components/streams/stream-page.tsx'

type Props = { params: Promise<{ stream: string }> }
const nameOf = async ({ params }: Props) => decodeURIComponent((await params).stream)

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: await nameOf(props) }
}

export default async function Page(props: Props) {
  return <StreamPage name={await nameOf(props)} />
}
