'use client'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { SessionState } from '@/contract/http-api.ts'
import { createAdministrator, nextPage } from '../shell/session.ts'
import { Card } from '../ui/card.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useApi, useWrite } from '../use-api.ts'
import { DemoButton } from './demo-button.tsx'

/** The first visit: make the first administrator, or look around as the demo user. */
export function WelcomePage() {
  const t = useTranslations('entrance')
  const router = useRouter()
  const session = useApi(SessionState, '/session', false)
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const create = useWrite(createAdministrator)
  const state = session.data
  useEffect(() => {
    if (state && !state.needsSetup) router.replace(state.me ? nextPage(location.search) : `/sign-in${location.search}`)
  }, [state, router])
  return (
    <div className="stack">
      {state?.demoAllowed && (
        <Card>
          <div className="stack">
            <h1>{t('welcome.title')}</h1>
            <DemoButton />
          </div>
        </Card>
      )}
      <Card>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate({ name, email, password }, { onSuccess: () => location.assign(nextPage(location.search)) })
          }}
        >
          {state?.demoAllowed ? <h2>{t('welcome.create')}</h2> : <h1>{t('welcome.create')}</h1>}
          <p className="mid" style={{ margin: 0 }}>
            {t('welcome.meaning')}
          </p>
          {session.error && <ErrorNote error={session.error} />}
          <TextInput
            label={t('name')}
            autoComplete="name"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('password')}
            description={t('welcome.passwordRule')}
            autoComplete="new-password"
            required
            withAsterisk={false}
            minLength={10}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          />
          {create.error && <ErrorNote error={create.error} />}
          <Button type="submit" variant={state?.demoAllowed ? 'default' : 'filled'} loading={create.isPending}>
            {t('welcome.button')}
          </Button>
        </form>
      </Card>
    </div>
  )
}
