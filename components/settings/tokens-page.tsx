'use client'
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { ApiToken, list, Role } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi, useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { SettingsNav } from './settings-nav.tsx'
import { createToken, revokeToken } from './verbs.ts'

const Tokens = list(ApiToken)

/** Bearer tokens for services and scripts. A token is shown once, when it is made. */
export function TokensPage() {
  const t = useTranslations('settings')
  const roles = useTranslations('shell')
  const tokens = useApi(Tokens, '/tokens', 10_000)
  const revoke = useWrite(revokeToken)
  return (
    <>
      <PageHeader title={t('tokens.title')} sub={t('tokens.sub')} actions={<AddToken />} />
      <SettingsNav />
      <div className="stack">
        {tokens.isError && <ErrorNote error={tokens.error} />}
        {(tokens.data || !tokens.isError) && (
          <Card flush>
            {!tokens.data ? (
              <SkeletonRows />
            ) : (
              <DataTable
                label={t('tokens.title')}
                rows={tokens.data.items}
                rowKey={(token) => token.id}
                empty={<EmptyState title={t('tokens.empty')}>{t('tokens.emptyText')}</EmptyState>}
                columns={[
                  { key: 'name', header: t('tokens.name'), cell: (token: ApiToken) => <span className="strong">{token.name}</span> },
                  {
                    key: 'id',
                    header: t('tokens.id'),
                    cell: (token) => (
                      <span className="row" style={{ gap: 2 }}>
                        <span className="mono dim">{token.id.slice(0, 8)}</span>
                        <CopyButton value={token.id} label={t('tokens.copyId')} />
                      </span>
                    ),
                  },
                  { key: 'role', header: t('tokens.role'), cell: (token) => roles(`roles.${token.role}`) },
                  {
                    key: 'status',
                    header: t('tokens.status'),
                    cell: (token) =>
                      token.revokedAt === null ? <Chip tone="ok">{t('tokens.valid')}</Chip> : <Chip shape="∅">{t('tokens.revoked')}</Chip>,
                  },
                  { key: 'created', header: t('tokens.created'), cell: (token) => <Time value={token.createdAt} /> },
                  {
                    key: 'used',
                    header: t('tokens.lastUsed'),
                    cell: (token) =>
                      token.lastUsedAt === null ? <span className="dim">{t('tokens.never')}</span> : <Time value={token.lastUsedAt} />,
                  },
                  {
                    key: 'actions',
                    header: <span className="sr">{t('actions')}</span>,
                    cell: (token) =>
                      token.revokedAt === null && (
                        <ConfirmButton
                          color="red"
                          title={t('tokens.revokeTitle', { name: token.name })}
                          what={t('tokens.revokeWhat')}
                          onConfirm={() => revoke.mutateAsync(token.id)}
                        >
                          {t('tokens.revoke')}
                        </ConfirmButton>
                      ),
                  },
                ]}
              />
            )}
          </Card>
        )}
      </div>
    </>
  )
}

function AddToken() {
  const t = useTranslations('settings')
  const roles = useTranslations('shell')
  const common = useTranslations('common')
  const needs = useNeeds('admin')
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const create = useWrite(createToken)
  const show = () => {
    create.reset()
    setName('')
    setOpen(true)
  }
  return (
    <>
      <Button variant="filled" onClick={show} disabled={needs !== undefined} title={needs}>
        {t('tokens.add')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        onExitTransitionEnd={() => create.reset()}
        title={create.data ? t('tokens.made', { name: create.data.name }) : t('tokens.add')}
        closeOnClickOutside={!create.data}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {create.data ? (
          <div className="stack">
            <div style={{ color: 'var(--warn)' }}>▲ {t('tokens.once')}</div>
            <CodeBlock value={create.data.token} label={t('tokens.token')} />
            <div className="row">
              <span className="sp" />
              <Button variant="filled" onClick={() => setOpen(false)}>
                {t('tokens.stored')}
              </Button>
            </div>
          </div>
        ) : (
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault()
              create.mutate({ name, role })
            }}
          >
            <TextInput
              label={t('tokens.name')}
              description={t('tokens.nameHint')}
              required
              maxLength={190}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
            <NativeSelect
              label={t('tokens.role')}
              value={role}
              data={Role.options.map((value) => ({ value, label: roles(`roles.${value}`) }))}
              onChange={(event) => setRole(Role.parse(event.currentTarget.value))}
            />
            {create.isError && <ErrorNote error={create.error} />}
            <div className="row">
              <span className="sp" />
              <Button onClick={() => setOpen(false)}>{common('cancel')}</Button>
              <Button type="submit" variant="filled" loading={create.isPending}>
                {t('tokens.create')}
              </Button>
            </div>
          </form>
        )}
      </Modal>
    </>
  )
}
