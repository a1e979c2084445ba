'use client'
import { useTranslations } from 'next-intl'
import { Time } from '../ui/time.tsx'
import styles from './shell.module.css'

/** Stored data stays on the screen; this line says that nothing newer comes, and since when. */
export function EngineBanner({
  engine,
  consoleDown,
}: {
  engine: { reachable: boolean; since: string | null } | undefined
  consoleDown: boolean
}) {
  const t = useTranslations('shell')
  if (!consoleDown && (!engine || engine.reachable)) return null
  return (
    <div className={styles.banner} role="status">
      <span aria-hidden="true">▲</span>
      <span className="strong">
        {consoleDown
          ? t('consoleDown')
          : engine?.since
            ? t.rich('engineDownSince', { time: () => <Time value={engine.since} /> })
            : t('engineDown')}
      </span>
      <span>{t('engineDownMeaning')}</span>
    </div>
  )
}
