'use client'
import { useTranslations } from 'next-intl'
import { SectionNav } from '@/components/ui/section-nav.tsx'

export function SettingsNav() {
  const t = useTranslations('settings')
  return (
    <SectionNav
      label={t('section')}
      items={[
        { href: '/settings/parameters', label: t('nav.parameters') },
        { href: '/settings/users', label: t('nav.users') },
        { href: '/settings/tokens', label: t('nav.tokens') },
      ]}
    />
  )
}
