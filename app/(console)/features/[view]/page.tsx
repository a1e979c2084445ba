import type { Metadata } from 'next'
import { ViewPage } from '@/components/features/view-page.tsx'

type Props = { params: Promise<{ view: string }> }
const nameOf = async ({ params }: Props) => decodeURIComponent((await params).view)

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: await nameOf(props) }
}

export default async function Page(props: Props) {
  return <ViewPage name={await nameOf(props)} />
}
