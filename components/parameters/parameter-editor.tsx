'use client'
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Parameter } from '@/contract/http-api.ts'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { type Draft, fromDraft, toDraft } from './draft.ts'
import { byteUnits, displayValue, type DurationUnit, durationUnits } from './value.ts'

type Props = {
  parameter: Parameter
  scopeName: string
  error: unknown
  busy: boolean
  onSave: (value: unknown) => void
  onCancel: () => void
}

/** The right editor for the type, with unit and bounds; what doesn't fit is said before it is sent. */
export default function ParameterEditor({ parameter, scopeName, error, busy, onSave, onCancel }: Props) {
  const t = useTranslations('parameters')
  const common = useTranslations('common')
  const locale = useLocale()
  const [draft, setDraft] = useState<Draft>(() => toDraft(parameter, parameter.value))
  const [touched, setTouched] = useState(false)
  const result = fromDraft(parameter, draft)
  const bound = (value: unknown) =>
    value === undefined ? null : displayValue(value, parameter.type === 'durationRange' ? 'duration' : parameter.type, null, locale)
  const [min, max] = [bound(parameter.bounds.min), bound(parameter.bounds.max)]
  const change = (next: Draft) => {
    setDraft(next)
    setTouched(true)
  }
  const label = t('valueOf', { key: parameter.key })
  return (
    <form
      style={{ display: 'grid', gap: 6, minWidth: 260 }}
      onSubmit={(event) => {
        event.preventDefault()
        setTouched(true)
        if ('value' in result) onSave(result.value)
      }}
    >
      <Fields draft={draft} change={change} label={label} values={parameter.bounds.values ?? []} />
      {min !== null && max !== null && <span className="dim small">{t('bounds', { min, max })}</span>}
      {touched && 'problem' in result && (
        <span role="alert" className="small" style={{ color: 'var(--bad)' }}>
          ✕ {t(`problems.${result.problem}`)}
        </span>
      )}
      {error ? <ErrorNote error={error} /> : null}
      <div className="row" style={{ gap: 6 }}>
        <Button type="submit" variant="filled" loading={busy} disabled={'problem' in result}>
          {t('saveFor', { scope: scopeName })}
        </Button>
        <Button onClick={onCancel}>{common('cancel')}</Button>
      </div>
    </form>
  )
}

function Fields({ draft, change, label, values }: { draft: Draft; change: (draft: Draft) => void; label: string; values: string[] }) {
  const t = useTranslations('parameters')
  switch (draft.kind) {
    case 'boolean':
      return (
        <Switch
          label={draft.on ? t('on') : t('off')}
          aria-label={label}
          checked={draft.on}
          onChange={(event) => change({ kind: 'boolean', on: event.currentTarget.checked })}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          aria-label={label}
          value={draft.text}
          data={values}
          onChange={(event) => change({ ...draft, text: event.currentTarget.value })}
        />
      )
    case 'duration':
      return (
        <Amount
          label={label}
          amount={draft.amount}
          unit={draft.unit}
          onChange={(amount, unit) => change({ kind: 'duration', amount, unit: unit as DurationUnit })}
          units={durationUnits.map((unit) => ({ value: unit, label: t(`units.${unit}`) }))}
        />
      )
    case 'durationRange': {
      const units = durationUnits.map((unit) => ({ value: unit, label: t(`units.${unit}`) }))
      return (
        <>
          <Amount
            label={`${label}: ${t('from')}`}
            amount={draft.from.amount}
            unit={draft.from.unit}
            units={units}
            onChange={(amount, unit) => change({ ...draft, from: { amount, unit: unit as DurationUnit } })}
          />
          <Amount
            label={`${label}: ${t('to')}`}
            amount={draft.to.amount}
            unit={draft.to.unit}
            units={units}
            onChange={(amount, unit) => change({ ...draft, to: { amount, unit: unit as DurationUnit } })}
          />
        </>
      )
    }
    case 'bytes':
      return (
        <Amount
          label={label}
          amount={draft.amount}
          unit={draft.unit}
          onChange={(amount, unit) => change({ kind: 'bytes', amount, unit: unit as (typeof byteUnits)[number] })}
          units={byteUnits.map((unit) => ({ value: unit, label: unit }))}
        />
      )
    case 'instant':
      return (
        <TextInput
          aria-label={label}
          placeholder="2001-04-03T00:00:00Z"
          description={t('instantHint')}
          value={draft.text}
          onChange={(event) => change({ kind: 'instant', text: event.currentTarget.value })}
        />
      )
    default:
      return (
        <TextInput
          aria-label={label}
          inputMode={draft.kind === 'number' ? 'decimal' : 'text'}
          value={draft.text}
          onChange={(event) => change({ ...draft, text: event.currentTarget.value })}
        />
      )
  }
}

function Amount({
  label,
  amount,
  unit,
  units,
  onChange,
}: {
  label: string
  amount: string
  unit: string
  units: { value: string; label: string }[]
  onChange: (amount: string, unit: string) => void
}) {
  const t = useTranslations('parameters')
  return (
    <div className="row" style={{ gap: 6 }}>
      <TextInput
        aria-label={label}
        inputMode="decimal"
        value={amount}
        onChange={(event) => onChange(event.currentTarget.value, unit)}
        style={{ width: 110 }}
      />
      <NativeSelect
        aria-label={`${label}: ${t('unit')}`}
        value={unit}
        data={units}
        onChange={(event) => onChange(amount, event.currentTarget.value)}
      />
    </div>
  )
}
