'use client'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { Job, type Savepoint } from '@/contract/http-api.ts'
import { send } from '@/components/api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { useApi, useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { RestartButton } from '../jobs/restart-button.tsx'

/** Start its job from it, pin or unpin it, dispose of it. A pinned one can't be disposed of, and says so. */
export function SavepointActions({ savepoint }: { savepoint: Savepoint }) {
  const t = useTranslations('savepoints')
  const needs = useNeeds('operator')
  const usable = savepoint.status === 'COMPLETED'
  const job = useApi(Job, usable ? `/jobs/${savepoint.jobId}` : null, 5000)
  const act = useWrite((action: string) => send(`/savepoints/${savepoint.id}/actions/${action}`, { method: 'POST', body: {} }))
  const pin = (action: 'pin' | 'unpin') =>
    act.mutate(action, {
      onError: (error) => notifications.show({ color: 'red', title: error.message, message: error.hint ?? '', autoClose: 10_000 }),
    })
  if (savepoint.status === 'DISPOSED' || savepoint.status === 'IN_PROGRESS') return null
  return (
    <div className="row" style={{ gap: 6, justifyContent: 'flex-end' }}>
      {usable && job.data && savepoint.restorableBy.includes(job.data.version) && (
        <RestartButton job={job.data} savepointId={savepoint.id} label={t('start')} />
      )}
      {usable && (
        <Button
          onClick={() => pin(savepoint.pinned ? 'unpin' : 'pin')}
          loading={act.isPending}
          disabled={needs !== undefined}
          title={needs}
        >
          {savepoint.pinned ? t('unpin') : t('pin')}
        </Button>
      )}
      <ConfirmButton
        color="red"
        disabled={savepoint.pinned || needs !== undefined}
        why={needs ?? (savepoint.pinned ? t('dispose.waits') : undefined)}
        title={t('dispose.title', { name: savepoint.name })}
        what={t('dispose.what')}
        onConfirm={() => act.mutateAsync('dispose')}
      >
        {t('dispose.label')}
      </ConfirmButton>
    </div>
  )
}
