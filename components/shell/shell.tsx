'use client'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect, useState } from 'react'
import { Me, Overview } from '@/contract/http-api.ts'
import { useApi } from '../use-api.ts'
import { CrumbsProvider } from './crumbs.tsx'
import { EngineBanner } from './engine-banner.tsx'
import { Header } from './header.tsx'
import styles from './shell.module.css'
import { Sidebar } from './sidebar.tsx'

const CommandMenu = dynamic(() => import('./command-menu.tsx'), { ssr: false })

/** What stands around every page: navigation, header, the banner of an engine that is down. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useTranslations('shell')
  const overview = useApi(Overview, '/overview')
  const me = useApi(Me, '/me', false)
  const [menu, setMenu] = useState(false)
  const [commands, setCommands] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setCommands((open) => !open)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return (
    <CrumbsProvider>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <div className={styles.shell}>
        <Sidebar overview={overview.data} open={menu} onNavigate={() => setMenu(false)} />
        {menu && <button type="button" className={styles.veil} aria-label={t('closeMenu')} onClick={() => setMenu(false)} />}
        <div style={{ minWidth: 0 }}>
          <Header me={me.data} onSearch={() => setCommands(true)} onMenu={() => setMenu(true)} />
          <EngineBanner engine={overview.data?.engine} consoleDown={overview.isError && overview.error.code === 'not_ready'} />
          <main id="main" className={styles.main} tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      {commands && <CommandMenu onClose={() => setCommands(false)} />}
    </CrumbsProvider>
  )
}
