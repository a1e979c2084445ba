'use client'
import { Button, Modal, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Role } from '@/contract/http-api.ts'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { useWrite } from '@/components/use-api.ts'
import { createUser } from './verbs.ts'

/** Loaded when it is first opened. */
export default function UserDialog({
  roleOptions,
  opened,
  onClose,
}: {
  roleOptions: { value: string; label: string }[]
  opened: boolean
  onClose: () => void
}) {
  const t = useTranslations('settings')
  const common = useTranslations('common')
  const [input, setInput] = useState({ name: '', email: '', password: '', role: 'viewer' as Role })
  const add = useWrite(createUser)
  return (
    <Modal opened={opened} onClose={onClose} title={t('users.add')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate(input, {
            onSuccess: () => {
              onClose()
              setInput({ name: '', email: '', password: '', role: 'viewer' })
            },
          })
        }}
      >
        <TextInput
          label={t('users.name')}
          required
          maxLength={190}
          value={input.name}
          onChange={(event) => setInput({ ...input, name: event.currentTarget.value })}
          data-autofocus
        />
        <TextInput
          label={t('users.email')}
          type="email"
          required
          maxLength={190}
          value={input.email}
          onChange={(event) => setInput({ ...input, email: event.currentTarget.value })}
        />
        <PasswordInput
          label={t('users.password')}
          description={t('users.passwordHint')}
          required
          minLength={10}
          maxLength={200}
          value={input.password}
          onChange={(event) => setInput({ ...input, password: event.currentTarget.value })}
          autoComplete="new-password"
        />
        <NativeSelect
          label={t('users.role')}
          data={roleOptions}
          value={input.role}
          onChange={(event) => setInput({ ...input, role: Role.parse(event.currentTarget.value) })}
        />
        {add.isError && <ErrorNote error={add.error} />}
        <div className="row">
          <span className="sp" />
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button type="submit" variant="filled" loading={add.isPending}>
            {t('users.add')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
