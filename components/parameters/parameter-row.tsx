'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useLocale, useTranslations } from 'next-intl'
import type { Parameter } from '@/contract/http-api.ts'
import { ConfirmButton } from '@/components/ui/confirm.tsx'
import { Time } from '@/components/ui/time.tsx'
import { useNeeds } from '@/components/use-role.ts'
import { ParameterSource } from './parameter-source.tsx'
import { ParameterValue } from './parameter-value.tsx'

const ParameterEditor = dynamic(() => import('./parameter-editor.tsx'), { ssr: false })

type Props = {
  parameter: Parameter
  scope: string
  editing: boolean
  busy: boolean
  error: unknown
  onEdit: () => void
  onCancel: () => void
  onSave: (value: unknown) => void
  onReset: () => Promise<unknown>
}

export function ParameterRow({ parameter, scope, editing, busy, error, onEdit, onCancel, onSave, onReset }: Props) {
  const t = useTranslations('parameters')
  const locale = useLocale()
  const needs = useNeeds('operator')
  const kind = scope.split(':')[0] ?? 'system'
  const changeable = parameter.scopes.includes(kind)
  const scopeName = kind === 'system' ? t('scopes.system') : scope.slice(kind.length + 1)
  const setHere = parameter.source === scope || (parameter.source === kind && kind === 'system')
  const elsewhere = parameter.scopes.map((one) => (t.has(`scopes.${one}`) ? t(`scopes.${one}`) : one)).join(', ')
  return (
    <tr>
      <td className="wrap" style={{ maxWidth: 460 }}>
        <span className="mono strong">{parameter.key}</span>
        <div className="mid">{parameter.sentence[locale === 'zh-CN' ? 'zh-CN' : 'en']}</div>
      </td>
      <td style={{ whiteSpace: 'normal' }}>
        {editing ? (
          <ParameterEditor parameter={parameter} scopeName={scopeName} busy={busy} error={error} onSave={onSave} onCancel={onCancel} />
        ) : (
          <>
            <ParameterValue value={parameter.value} parameterKey={parameter.key} type={parameter.type} />
            {parameter.source !== 'default' && (
              <div className="dim small">
                {t('default')} <ParameterValue value={parameter.default} parameterKey={parameter.key} type={parameter.type} />
              </div>
            )}
          </>
        )}
      </td>
      <td>
        <ParameterSource source={parameter.source} />
      </td>
      <td>{t(`effects.${parameter.effect}`)}</td>
      <td>
        {parameter.updatedAt === null ? (
          <span className="dim">{t('neverChanged')}</span>
        ) : (
          <>
            {parameter.updatedBy}{' '}
            <span className="dim">
              <Time value={parameter.updatedAt} />
            </span>
          </>
        )}
      </td>
      <td>
        <div className="row" style={{ gap: 6, justifyContent: 'flex-end' }}>
          {!editing && (
            <Button
              onClick={onEdit}
              disabled={!changeable || needs !== undefined}
              title={changeable ? needs : t('setAt', { scopes: elsewhere })}
              aria-label={t('changeKey', { key: parameter.key })}
            >
              {t('change')}
            </Button>
          )}
          {!editing && changeable && setHere && needs === undefined && (
            <ConfirmButton
              title={t('reset.title', { key: parameter.key })}
              what={t('reset.what', { scope: scopeName })}
              onConfirm={onReset}
            >
              {t('reset.label')}
            </ConfirmButton>
          )}
        </div>
        {!changeable && <div className="dim small">{t('setAt', { scopes: elsewhere })}</div>}
      </td>
    </tr>
  )
}
