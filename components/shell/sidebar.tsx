'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { Overview } from '@/contract/http-api.ts'
import { Logo } from './logo.tsx'
import { nav, navOf } from './nav.ts'
import styles from './shell.module.css'

export function Sidebar({ overview, open, onNavigate }: { overview: Overview | undefined; open: boolean; onNavigate: () => void }) {
  const t = useTranslations('shell')
  const active = navOf(usePathname())
  const counts = overview && {
    streams: overview.streams,
    features: overview.features,
    releases: overview.releasesInProgress,
    jobs: overview.jobs.running + overview.jobs.failed + overview.jobs.other,
  }
  const entry = (item: (typeof nav)[number]) => {
    const count = item.count && counts?.[item.count]
    const Icon = item.icon
    return (
      <Link
        key={item.key}
        href={item.href}
        onClick={onNavigate}
        className={`${styles.link} ${active === item.key ? styles.on : ''}`}
        aria-current={active === item.key ? 'page' : undefined}
      >
        <Icon size={16} stroke={1.7} aria-hidden="true" />
        {t(`nav.${item.key}`)}
        {typeof count === 'number' && count > 0 && (
          <span className={styles.count} title={t(`counts.${item.count as 'streams'}`, { count })}>
            {count}
          </span>
        )}
      </Link>
    )
  }
  return (
    <nav className={`${styles.side} ${open ? styles.open : ''}`} aria-label={t('navigation')}>
      <Link href="/" className={styles.brand} onClick={onNavigate}>
        <Logo />
        Evenflow
      </Link>
      {nav.filter((item) => item.group === 'main').map(entry)}
      <div className={styles.head6}>{t('operate')}</div>
      {nav.filter((item) => item.group === 'operate').map(entry)}
    </nav>
  )
}
