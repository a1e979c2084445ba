'use client'
import { useMantineColorScheme } from '@mantine/core'
import { IconLanguage, IconMenu2, IconMoon, IconSearch, IconSun, IconSunMoon, IconUser } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import type { Me } from '@/contract/http-api.ts'
import { MenuButton } from '../ui/dropdown.tsx'
import { zoneLabel } from '../ui/format.ts'
import { usePreferences } from '../ui/preferences.tsx'
import { Crumbs } from './crumbs.tsx'
import styles from './shell.module.css'
import { signOut } from './session.ts'

export function Header({ me, onSearch, onMenu }: { me: Me | undefined; onSearch: () => void; onMenu: () => void }) {
  const t = useTranslations('shell')
  return (
    <header className={styles.header}>
      <button type="button" className={`icon-btn ${styles.burger}`} aria-label={t('openMenu')} onClick={onMenu}>
        <IconMenu2 size={18} />
      </button>
      <Crumbs />
      <button type="button" className={styles.search} onClick={onSearch} aria-label={t('search')} aria-keyshortcuts="Meta+K Control+K">
        <IconSearch size={14} aria-hidden="true" />
        <span>{t('search')}</span>
        <span className="kbd">⌘K</span>
      </button>
      <ZoneButton />
      <ThemeMenu />
      <LanguageMenu />
      {me && <UserMenu me={me} />}
    </header>
  )
}

function ZoneButton() {
  const t = useTranslations('shell')
  const { zone, setZone } = usePreferences()
  const [label, setLabel] = useState('UTC')
  useEffect(() => setLabel(zoneLabel(zone, Date.now())), [zone])
  const name = zone === 'utc' ? t('zoneToLocal') : t('zoneToUtc')
  return (
    <button
      type="button"
      className={`chip ${styles.chipBtn}`}
      onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
      title={name}
      aria-label={`${label}. ${name}`}
    >
      {label}
    </button>
  )
}

export function ThemeMenu() {
  const t = useTranslations('shell')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const icons = { light: IconSun, dark: IconMoon, auto: IconSunMoon }
  const schemes = ['light', 'dark', 'auto'] as const
  const entries = schemes.map((scheme) => {
    const Icon = icons[scheme]
    return {
      key: scheme,
      label: t(`themes.${scheme}`),
      icon: <Icon size={15} />,
      on: colorScheme === scheme,
      onSelect: () => setColorScheme(scheme),
    }
  })
  return (
    <MenuButton label={t('theme')} entries={entries}>
      <IconSunMoon size={17} />
    </MenuButton>
  )
}

const languages = { en: 'English', 'zh-CN': '简体中文' }

export function LanguageMenu() {
  const t = useTranslations('shell')
  const locale = useLocale()
  const router = useRouter()
  const choose = (next: string) => {
    document.cookie = `evenflow-locale=${next}; path=/; max-age=31536000; samesite=lax`
    router.refresh()
  }
  const entries = Object.entries(languages).map(([key, name]) => ({
    key,
    label: name,
    lang: key,
    on: locale === key,
    onSelect: () => choose(key),
  }))
  return (
    <MenuButton label={t('language')} entries={entries}>
      <IconLanguage size={17} />
    </MenuButton>
  )
}

function UserMenu({ me }: { me: Me }) {
  const t = useTranslations('shell')
  const head = (
    <>
      <div>
        {me.name} · {t(`roles.${me.role}`)}
      </div>
      {me.demo && <div>{t('demoUser')}</div>}
    </>
  )
  return (
    <MenuButton
      label={t('user', { name: me.name })}
      head={head}
      entries={[{ key: 'out', label: t('signOut'), onSelect: () => void signOut() }]}
    >
      <IconUser size={17} />
    </MenuButton>
  )
}
