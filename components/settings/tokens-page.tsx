'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { ApiToken, list } from '@/contract/http-api.ts'
import { Card } from '@/components/ui/card.tsx'
import { Chip } from '@/components/ui/chip.tsx'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { DataTable } from '@/components/ui/data-table.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useApi, useWrite } from '@/components/use-api.ts'
import { useNeeds } from '@/components/use-role.ts'
import { SettingsNav } from './settings-nav.tsx'
import { revokeToken } from './verbs.ts'

const TokenDialog = dynamic(() => import('./token-dialog.tsx'), { ssr: false })
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
  const needs = useNeeds('admin')
  const [open, setOpen] = useState<boolean | null>(null)
  return (
    <>
      <Button variant="filled" onClick={() => setOpen(true)} disabled={needs !== undefined} title={needs}>
        {t('tokens.add')}
      </Button>
      {open !== null && <TokenDialog opened={open} onClose={() => setOpen(false)} />}
    </>
  )
}
