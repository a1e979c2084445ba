import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { EditorPage } from '@/components/features/editor-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('features')
  return { title: t('editor.newTitle') }
}

export default function Page() {
  return <EditorPage name={null} />
}
