'use client'
import { TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { list, Parameter } from '@/contract/http-api.ts'
import { send, segment } from '@/components/api.ts'
import { Card } from '@/components/ui/card.tsx'
import { EmptyState } from '@/components/ui/empty.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { LiveAge } from '@/components/ui/live-age.tsx'
import { PageHeader } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { useUrlState } from '@/components/ui/url-state.ts'
import { useApi, useWrite } from '@/components/use-api.ts'
import { SettingsNav } from '../settings/settings-nav.tsx'
import { ParameterRow } from './parameter-row.tsx'
import { ScopeChoice } from './scope-choice.tsx'

const Parameters = list(Parameter)

/** The registry at one scope: what is in force, where it comes from, what may be changed there. */
export function ParametersPage() {
  const t = useTranslations('parameters')
  const [scopeText, setScope] = useUrlState('scope')
  const scope = scopeText !== null && /^(system|(view|stream):\S+|job:\d+)$/.test(scopeText) ? scopeText : 'system'
  const [search, setSearch] = useState('')
  const [editing, setEditing] = useState<string | null>(null)
  const parameters = useApi(Parameters, `/parameters?scope=${segment(scope)}`, 5000)
  const put = useWrite(({ key, value }: { key: string; value: unknown }) =>
    send(`/parameters/${segment(key)}`, { method: 'PUT', body: { value, scope } }),
  )
  const kind = scope.split(':')[0] ?? 'system'
  const shown = (parameters.data?.items ?? []).filter((one) =>
    `${one.key} ${one.sentence.en} ${one.sentence['zh-CN']}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  const rows = shown.toSorted((a, b) => Number(b.scopes.includes(kind)) - Number(a.scopes.includes(kind)))
  return (
    <>
      <PageHeader title={t('title')} sub={t('sub')} actions={<LiveAge query={parameters} />} />
      <SettingsNav />
      <div className="stack">
        <div className="row wrap">
          <ScopeChoice
            scope={scope}
            onChange={(next) => {
              setEditing(null)
              setScope(next === 'system' ? null : next)
            }}
          />
          <TextInput
            aria-label={t('search')}
            placeholder={t('search')}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            style={{ width: 220 }}
          />
        </div>
        {parameters.isError && <ErrorNote error={parameters.error} />}
        {(parameters.data || !parameters.isError) && (
          <Card flush>
            {!parameters.data ? (
              <SkeletonRows rows={8} />
            ) : rows.length === 0 ? (
              <EmptyState title={t('nothingFound')} />
            ) : (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
              <section className="table-wrap" aria-label={t('title')} tabIndex={0}>
                <table className="t">
                  <thead>
                    <tr>
                      {(['parameter', 'value', 'source', 'effect', 'changed'] as const).map((column) => (
                        <th key={column} scope="col">
                          {t(`columns.${column}`)}
                        </th>
                      ))}
                      <th scope="col">
                        <span className="sr">{t('columns.actions')}</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((parameter) => (
                      <ParameterRow
                        key={`${scope} ${parameter.key}`}
                        parameter={parameter}
                        scope={scope}
                        editing={editing === parameter.key}
                        busy={put.isPending}
                        error={editing === parameter.key ? put.error : null}
                        onEdit={() => {
                          put.reset()
                          setEditing(parameter.key)
                        }}
                        onCancel={() => setEditing(null)}
                        onSave={(value) => put.mutate({ key: parameter.key, value }, { onSuccess: () => setEditing(null) })}
                        onReset={() => put.mutateAsync({ key: parameter.key, value: null })}
                      />
                    ))}
                  </tbody>
                </table>
              </section>
            )}
          </Card>
        )}
      </div>
    </>
  )
}
