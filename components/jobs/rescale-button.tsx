'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Job } from '@/contract/http-api.ts'
import { useNeeds } from '@/components/use-role.ts'

const ReleaseDialog = dynamic(() => import('@/components/features/release-dialog.tsx').then((module) => module.ReleaseDialog))

/** The version that runs, again, with another number of subtasks: a release of its own, so that readers notice nothing. */
export function RescaleButton({ job }: { job: Job }) {
  const t = useTranslations('jobs')
  const [open, setOpen] = useState(false)
  const needs = useNeeds('operator')
  const why = needs ?? (job.authoritative ? undefined : t('rescale.notAuthoritative'))
  return (
    <>
      <Button disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
        {t('rescale.label')}
      </Button>
      {open && (
        <ReleaseDialog
          view={job.view}
          version={job.version}
          runningVersion={job.version}
          stream={undefined}
          cost={null}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
