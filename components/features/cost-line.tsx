'use client'
import { useTranslations } from 'next-intl'
import { Bytes, Num, Rate } from '../ui/quantity.tsx'
import styles from './features.module.css'
import type { Editor } from './use-editor.ts'

/** What a release of this draft would cost: what is kept, what is built, what is read once, how much state. */
export function CostLine({ editor, runningIds }: { editor: Editor; runningIds: Set<string> | null }) {
  const t = useTranslations('features')
  const { answer, sound } = editor
  if (!sound || !answer) return null
  const kept = runningIds ? answer.types.filter((type) => runningIds.has(type.id)).length : 0
  const cost = answer.cost
  return (
    <div className={styles.cost}>
      <span>{t.rich('cost.state', { kept, built: answer.types.length - kept, b: (text) => <b>{text}</b> })}</span>
      {cost?.eventsToRead != null && <span>· {t.rich('cost.reads', { events: () => <Num value={cost.eventsToRead} compact /> })}</span>}
      {cost?.eventsPerSecond != null && <span>· {t.rich('cost.live', { rate: () => <Rate value={cost.eventsPerSecond} /> })}</span>}
      {cost?.bytesPerKey != null && <span>· {t.rich('cost.perKey', { bytes: () => <Bytes value={cost.bytesPerKey} /> })}</span>}
      {cost?.bytesPerKey != null && cost.keys != null && (
        <span>
          ·{' '}
          {t.rich('cost.total', {
            bytes: () => <Bytes value={(cost.bytesPerKey ?? 0) * (cost.keys ?? 0)} />,
            keys: () => <Num value={cost.keys} />,
          })}
        </span>
      )}
    </div>
  )
}
