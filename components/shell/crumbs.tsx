'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import styles from './shell.module.css'

/** Where one is, from the path; a page may name its last crumb (`<LastCrumb>R-118</LastCrumb>`) or add a chip beside it. */
const Context = createContext<{ last: string | null; setLast: (last: string | null) => void }>({ last: null, setLast: () => {} })
export function CrumbsProvider({ children }: { children: ReactNode }) {
  const [last, setLast] = useState<string | null>(null)
  return <Context value={{ last, setLast }}>{children}</Context>
}

export function LastCrumb({ children }: { children: string }) {
  const { setLast } = useContext(Context)
  useEffect(() => {
    setLast(children)
    return () => setLast(null)
  }, [children, setLast])
  return null
}

const words = [
  'streams',
  'features',
  'releases',
  'jobs',
  'checkpoints',
  'savepoints',
  'audit',
  'settings',
  'parameters',
  'users',
  'tokens',
  'new',
  'edit',
] as const
type Word = (typeof words)[number]
const isWord = (text: string): text is Word => (words as readonly string[]).includes(text)

export function Crumbs() {
  const t = useTranslations('shell')
  const { last } = useContext(Context)
  const parts = usePathname().split('/').filter(Boolean).map(decodeURIComponent)
  const items = parts.map((part, index) => ({
    href: `/${parts
      .slice(0, index + 1)
      .map(encodeURIComponent)
      .join('/')}`,
    label: isWord(part) ? t(`crumbs.${part}`) : part,
  }))
  if (items.length === 0) items.push({ href: '/', label: t('nav.overview') })
  return (
    <nav aria-label={t('breadcrumbs')} style={{ minWidth: 0, overflow: 'hidden' }}>
      <ol className={styles.crumbs}>
        {items.map((item, index) =>
          index === items.length - 1 ? (
            <li key={item.href} aria-current="page">
              {last ?? item.label}
            </li>
          ) : (
            <li key={item.href}>
              <Link href={item.href}>{item.label}</Link> /
            </li>
          ),
        )}
      </ol>
    </nav>
  )
}
