'use client'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { SessionState } from '@/contract/http-api.ts'
import { nextPage, signIn } from '../shell/session.ts'
import { Card } from '../ui/card.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useApi, useWrite } from '../use-api.ts'
import { DemoButton } from './demo-button.tsx'

export function SignInPage() {
  const t = useTranslations('entrance')
  const router = useRouter()
  const session = useApi(SessionState, '/session', false)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const enter = useWrite(signIn)
  const state = session.data
  useEffect(() => {
    if (state?.me) location.assign(nextPage(location.search))
    else if (state?.needsSetup) router.replace(`/welcome${location.search}`)
  }, [state, router])
  return (
    <Card>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          enter.mutate({ email, password }, { onSuccess: () => location.assign(nextPage(location.search)) })
        }}
      >
        <h1>{t('signIn.title')}</h1>
        {session.error && <ErrorNote error={session.error} />}
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          withAsterisk={false}
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        {enter.error && <ErrorNote error={enter.error} />}
        <Button type="submit" variant="filled" loading={enter.isPending}>
          {t('signIn.button')}
        </Button>
        {state?.demoAllowed && <DemoButton />}
      </form>
    </Card>
  )
}
