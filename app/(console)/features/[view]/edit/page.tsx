import type { Metadata } from 'next'
import { EditorPage } from '@/components/features/editor-page.tsx'

type Props = { params: Promise<{ view: string }> }
const nameOf = async ({ params }: Props) => decodeURIComponent((await params).view)

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: await nameOf(props) }
}

export default async function Page(props: Props) {
  return <EditorPage name={await nameOf(props)} />
}
