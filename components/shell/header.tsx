'use client'
import { Menu, useMantineColorScheme } from '@mantine/core'
import { IconLanguage, IconMenu2, IconMoon, IconSearch, IconSun, IconSunMoon, IconUser } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import type { Me } from '@/contract/http-api.ts'
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
    <button type="button" className={`chip ${styles.chipBtn}`} onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')} title={name} aria-label={`${label}. ${name}`}>
      {label}
    </button>
  )
}

export function ThemeMenu() {
  const t = useTranslations('shell')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const icons = { light: IconSun, dark: IconMoon, auto: IconSunMoon }
  const schemes = ['light', 'dark', 'auto'] as const
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <button type="button" className="icon-btn" aria-label={t('theme')} title={t('theme')}>
          <IconSunMoon size={17} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => {
          const Icon = icons[scheme]
          return (
            <Menu.Item key={scheme} leftSection={<Icon size={15} />} rightSection={colorScheme === scheme ? '✓' : null} onClick={() => setColorScheme(scheme)}>
              {t(`themes.${scheme}`)}
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}

export function LanguageMenu() {
  const t = useTranslations('shell')
  const locale = useLocale()
  const router = useRouter()
  const choose = (next: string) => {
    document.cookie = `evenflow-locale=${next}; path=/; max-age=31536000; samesite=lax`
    router.refresh()
  }
  const names = { en: 'English', 'zh-CN': '简体中文' }
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <button type="button" className="icon-btn" aria-label={t('language')} title={t('language')}>
          <IconLanguage size={17} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(names).map(([key, name]) => (
          <Menu.Item key={key} lang={key} rightSection={locale === key ? '✓' : null} onClick={() => choose(key)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function UserMenu({ me }: { me: Me }) {
  const t = useTranslations('shell')
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <button type="button" className="icon-btn" aria-label={t('user', { name: me.name })} title={me.name}>
          <IconUser size={17} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {t(`roles.${me.role}`)}
        </Menu.Label>
        {me.demo && <Menu.Label>{t('demoUser')}</Menu.Label>}
        <Menu.Item onClick={() => void signOut()}>{t('signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
