'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Stream } from '@/contract/http-api.ts'
import { GROUP_WINDOW } from '@/definition/model.ts'
import { CostLine } from './cost-line.tsx'
import { FeatureRow } from './feature-row.tsx'
import styles from './features.module.css'
import { type FormModel, type FormRow, type Frame, freeName, nextRowId, parseFrame, withWindow } from './form-model.ts'
import type { Editor } from './use-editor.ts'
import { ViewSettings } from './view-settings.tsx'

type Props = { editor: Editor; streams: Stream[]; stream: Stream | undefined; runningIds: Set<string> | null }

export function FeatureForm({ editor, streams, stream, runningIds }: Props) {
  const t = useTranslations('features')
  const { form, changeForm, answer } = editor
  if (!form)
    return (
      <div className="card-bd mid" data-feature-form>
        {t('form.noForm')}
      </div>
    )
  const edit = (id: number, change: Partial<FormRow>) =>
    changeForm((all) => ({ ...all, rows: all.rows.map((row) => (row.id === id ? { ...row, ...change } : row)) }))
  const frame = (id: number, chosen: Frame) =>
    changeForm((all) => {
      const { windows, name } = withWindow(all.windows, chosen)
      return { ...all, windows, rows: all.rows.map((row) => (row.id === id ? { ...row, window: name } : row)) }
    })
  const move = (at: number, by: -1 | 1) =>
    changeForm((all) => {
      const rows = [...all.rows]
      const [row] = rows.splice(at, 1)
      if (row) rows.splice(Math.max(0, at + by), 0, row)
      return { ...all, rows }
    })
  const typeOf = (name: string) => answer?.types.find((type) => type.name === name)
  return (
    <div data-feature-form style={{ display: 'flex', flexDirection: 'column', flex: 1 }}>
      <datalist id="evenflow-fields">
        {stream?.fields.map((field) => (
          <option key={field.name} value={field.name}>
            {field.type}
          </option>
        ))}
      </datalist>
      <datalist id="evenflow-features">
        {form.rows.map((row) => (
          <option key={row.id} value={row.name} />
        ))}
      </datalist>
      <ViewSettings form={form} editor={editor} streams={streams} stream={stream} />
      <div className={`${styles.f} ${styles.fhead}`} aria-hidden="true">
        <span>{t('form.name')}</span>
        <span>{t('form.value')}</span>
        <span>{t('form.filter')}</span>
        <span>{t('form.window')}</span>
        <span />
      </div>
      {form.rows.map((row, at) => {
        const type = typeOf(row.name)
        return (
          <FeatureRow
            key={row.id}
            row={row}
            windows={form.windows}
            groupText={form.group && t('group.shared')}
            problems={editor.problemsAt('row', row.id)}
            isNew={runningIds !== null && editor.sound && type !== undefined && !runningIds.has(type.id)}
            type={type?.type}
            onChange={(change) => edit(row.id, change)}
            onFrame={(chosen) => frame(row.id, chosen)}
            onMove={(by) => move(at, by)}
            onDuplicate={() =>
              changeForm((all) => ({
                ...all,
                rows: [
                  ...all.rows.slice(0, at + 1),
                  { ...row, id: nextRowId(), name: freeName(all.rows, row.name) },
                  ...all.rows.slice(at + 1),
                ],
              }))
            }
            onRemove={() => changeForm((all) => ({ ...all, rows: all.rows.filter((each) => each.id !== row.id) }))}
          />
        )
      })}
      <CostLine editor={editor} runningIds={runningIds} />
    </div>
  )
}

/** A new row at the end: counts events over the window that the last row uses. */
export function addRow(form: FormModel): FormModel {
  const last = form.group ? GROUP_WINDOW : (form.rows.at(-1)?.window ?? form.windows[0]?.name)
  const { windows, name } = last !== undefined ? { windows: form.windows, name: last } : withWindow(form.windows, parseFrame('1 hour', ''))
  return {
    ...form,
    windows,
    rows: [...form.rows, { id: nextRowId(), name: freeName(form.rows, 'events'), operator: 'count', value: '', filter: '', window: name }],
  }
}

export function AddButton({ editor }: { editor: Editor }) {
  const t = useTranslations('features')
  return (
    <Button size="compact-sm" disabled={!editor.form} onClick={() => editor.changeForm(addRow)}>
      {t('form.add')}
    </Button>
  )
}
