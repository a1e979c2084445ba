'use client'
import { useTranslations } from 'next-intl'
import { SectionNav } from '@/components/ui/section-nav.tsx'

export function CheckpointsNav() {
  const t = useTranslations('checkpoints')
  return (
    <SectionNav
      label={t('section')}
      items={[
        { href: '/checkpoints', label: t('title') },
        { href: '/checkpoints/savepoints', label: t('savepoints') },
      ]}
    />
  )
}
