'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { enterAsDemoUser, nextPage } from '../shell/session.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { useWrite } from '../use-api.ts'

/** On the machine itself one may look around without an account. */
export function DemoButton() {
  const t = useTranslations('entrance')
  const demo = useWrite(enterAsDemoUser)
  return (
    <>
      <Button
        onClick={() => demo.mutate(undefined, { onSuccess: () => location.assign(nextPage(location.search)) })}
        loading={demo.isPending}
      >
        {t('demo')}
      </Button>
      <p className="dim small" style={{ margin: 0 }}>
        {t('demoMeaning')}
      </p>
      {demo.error && <ErrorNote error={demo.error} />}
    </>
  )
}
