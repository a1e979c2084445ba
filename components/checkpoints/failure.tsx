'use client'
import { useTranslations } from 'next-intl'
import type { Checkpoint } from '@/contract/http-api.ts'

/** Why a checkpoint failed: the sentence of its reason (a closed list), whether that was before or after its start, and what was reported. */
export function FailureSentence({ checkpoint }: { checkpoint: Pick<Checkpoint, 'status' | 'failureReason' | 'failureMessage'> }) {
  const t = useTranslations('checkpoints')
  if (checkpoint.status !== 'FAILED') return null
  const { failureReason, failureMessage } = checkpoint
  return (
    <span>
      {failureReason === null ? t('failures.unknown') : t(`failures.${failureReason}`)}
      {failureReason !== null && (
        <span className="dim">
          {' '}
          {['too_many_in_progress', 'minimum_pause', 'subtask_not_running'].includes(failureReason) ? t('beforeStart') : t('afterStart')}
        </span>
      )}
      {failureMessage && <span className="mid"> {failureMessage}</span>}
    </span>
  )
}
