'use client'
import { useTranslations } from 'next-intl'
import { Chip, type Tone } from './chip.tsx'

/** Every state word of jobs, releases, checkpoints and savepoints: one tone and one translated word. Keys stand in messages/<locale>/status.json. */
const tones = {
  RUNNING: 'ok',
  DONE: 'ok',
  COMPLETED: 'ok',
  READY: 'ok',
  STARTING: 'run',
  STOPPING: 'run',
  IN_PROGRESS: 'run',
  QUEUED: 'run',
  CHECKED: 'run',
  SAVEPOINTING: 'run',
  BACKFILLING: 'run',
  CATCHING_UP: 'run',
  COMPARING: 'run',
  CUTTING_OVER: 'run',
  SOAKING: 'run',
  RESTARTING: 'warn',
  ABORTED: 'warn',
  ROLLED_BACK: 'warn',
  FAILED: 'bad',
  STOPPED: 'plain',
  DRAFT: 'plain',
  DISPOSED: 'plain',
} as const satisfies Record<string, Tone>

export type StatusWord = keyof typeof tones
const plainShapes: Partial<Record<StatusWord, string>> = { STOPPED: '□', DRAFT: '○', DISPOSED: '∅' }

export function Status({ value }: { value: StatusWord }) {
  const t = useTranslations('status')
  const tone = tones[value]
  const shape = plainShapes[value]
  return (
    <Chip tone={tone} {...(shape && { shape })}>
      {t(`words.${value}`)}
    </Chip>
  )
}
