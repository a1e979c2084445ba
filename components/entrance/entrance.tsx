import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { LanguageMenu, ThemeMenu } from '../shell/header.tsx'
import { Logo } from '../shell/logo.tsx'

/** The quiet frame of the pages before a session. */
export function Entrance({ children }: { children: ReactNode }) {
  const t = useTranslations('entrance')
  return (
    <div style={{ minHeight: '100vh', display: 'grid', gridTemplateRows: 'auto 1fr' }}>
      <header className="row" style={{ padding: '10px 22px', justifyContent: 'flex-end' }}>
        <ThemeMenu />
        <LanguageMenu />
      </header>
      <main style={{ width: 'min(400px, 100vw - 32px)', margin: '7vh auto 60px' }}>
        <div className="row" style={{ justifyContent: 'center', fontSize: 18, fontWeight: 650 }}>
          <Logo size={28} />
          Evenflow
        </div>
        <p className="mid" style={{ textAlign: 'center', margin: '6px 0 20px' }}>
          {t('line')}
        </p>
        {children}
      </main>
    </div>
  )
}
