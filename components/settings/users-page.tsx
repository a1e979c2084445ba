'use client'
import { Button, NativeSelect } from '@mantine/core'
import dynamic from 'next/dynamic'
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
import { setUser } from './verbs.ts'

const UserDialog = dynamic(() => import('./user-dialog.tsx'), { ssr: false })
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
  const needs = useNeeds('admin')
  const [open, setOpen] = useState<boolean | null>(null)
  return (
    <>
      <Button variant="filled" onClick={() => setOpen(true)} disabled={needs !== undefined} title={needs}>
        {t('users.add')}
      </Button>
      {open !== null && <UserDialog roleOptions={roleOptions} opened={open} onClose={() => setOpen(false)} />}
    </>
  )
}
