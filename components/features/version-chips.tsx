'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { View } from '@/contract/http-api.ts'
import { Chip } from '../ui/chip.tsx'

/** Which version runs, whether a newer one is saved, whether a release is under way. */
export function VersionChips({ view }: { view: View }) {
  const t = useTranslations('features')
  return (
    <span className="row wrap" style={{ gap: 6 }}>
      {view.runningVersion !== undefined ? (
        <Chip tone="job1">{t('editor.running', { version: view.runningVersion })}</Chip>
      ) : (
        <Chip shape="○">{t('list.notRunning')}</Chip>
      )}
      {view.latestVersion !== view.runningVersion && <Chip tone="job2">{t('list.saved', { version: view.latestVersion })}</Chip>}
      {view.releaseInProgress !== undefined && (
        <Link href={`/releases/${view.releaseInProgress}`}>
          <Chip tone="run">{t('list.release', { id: view.releaseInProgress })}</Chip>
        </Link>
      )}
    </span>
  )
}
