'use client'
import { Button, Modal, NativeSelect, PasswordInput, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { list, Me, Role, User } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi, useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { SettingsNav } from './settings-nav.tsx'
import { createUser, setUser } from './verbs.ts'

const Users = list(User)

/** Who may do what. */
export function UsersPage() {
  const t = useTranslations('settings')
  const roles = useTranslations('shell')
  const me = useApi(Me, '/me', false)
  const users = useApi(Users, '/users', 10_000)
  const change = useWrite(setUser)
  const roleOptions = Role.options.map((role) => ({ value: role, label: roles(`roles.${role}`) }))
  return (
    <>
      <PageHeader title={t('users.title')} sub={t('users.sub')} actions={<AddUser roleOptions={roleOptions} />} />
      <SettingsNav />
      <div className="stack">
        {users.isError && <ErrorNote error={users.error} />}
        {change.isError && <ErrorNote error={change.error} />}
        {!users.isError || users.data ? (
          <Card flush>
            {!users.data ? (
              <SkeletonRows />
            ) : (
              <DataTable
                label={t('users.title')}
                rows={users.data.items}
                rowKey={(user) => user.id}
                empty={<div className="card-bd mid">{t('users.none')}</div>}
                columns={[
                  {
                    key: 'name',
                    header: t('users.name'),
                    cell: (user: User) => (
                      <>
                        {user.name} {user.id === me.data?.id && <Chip>{t('users.you')}</Chip>}
                      </>
                    ),
                  },
                  { key: 'email', header: t('users.email'), cell: (user) => user.email },
                  {
                    key: 'role',
                    header: t('users.role'),
                    cell: (user) => (
                      <NativeSelect
                        aria-label={t('users.roleOf', { name: user.name })}
                        value={user.role}
                        data={roleOptions}
                        disabled={user.id === me.data?.id || user.disabled}
                        title={user.id === me.data?.id ? t('users.notYourself') : undefined}
                        onChange={(event) => change.mutate({ id: user.id, role: Role.parse(event.currentTarget.value) })}
                      />
                    ),
                  },
                  {
                    key: 'status',
                    header: t('users.status'),
                    cell: (user) =>
                      user.disabled ? <Chip shape="□">{t('users.disabled')}</Chip> : <Chip tone="ok">{t('users.active')}</Chip>,
                  },
                  { key: 'since', header: t('users.since'), cell: (user) => <Time value={user.createdAt} /> },
                  {
                    key: 'actions',
                    header: <span className="sr">{t('actions')}</span>,
                    cell: (user) =>
                      user.disabled ? (
                        <Button onClick={() => change.mutate({ id: user.id, disabled: false })}>{t('users.enable')}</Button>
                      ) : (
                        <ConfirmButton
                          color="red"
                          disabled={user.id === me.data?.id}
                          why={user.id === me.data?.id ? t('users.notYourself') : undefined}
                          title={t('users.disableTitle', { name: user.name })}
                          what={t('users.disableWhat')}
                          onConfirm={() => change.mutateAsync({ id: user.id, disabled: true })}
                        >
                          {t('users.disable')}
                        </ConfirmButton>
                      ),
                  },
                ]}
              />
            )}
          </Card>
        ) : null}
        <Card title={t('roles.title')}>
          <dl className="log">
            {Role.options.map((role) => (
              <RoleLine key={role} name={roles(`roles.${role}`)} text={t(`roles.${role}`)} />
            ))}
          </dl>
        </Card>
      </div>
    </>
  )
}

const RoleLine = ({ name, text }: { name: string; text: string }) => (
  <>
    <dt>{name}</dt>
    <dd>{text}</dd>
  </>
)

function AddUser({ roleOptions }: { roleOptions: { value: string; label: string }[] }) {
  const t = useTranslations('settings')
  const common = useTranslations('common')
  const needs = useNeeds('admin')
  const [open, setOpen] = useState(false)
  const [input, setInput] = useState({ name: '', email: '', password: '', role: 'viewer' as Role })
  const add = useWrite(createUser)
  return (
    <>
      <Button variant="filled" onClick={() => setOpen(true)} disabled={needs !== undefined} title={needs}>
        {t('users.add')}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('users.add')} closeButtonProps={{ 'aria-label': common('close') }}>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate(input, {
              onSuccess: () => {
                setOpen(false)
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
            <Button onClick={() => setOpen(false)}>{common('cancel')}</Button>
            <Button type="submit" variant="filled" loading={add.isPending}>
              {t('users.add')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
