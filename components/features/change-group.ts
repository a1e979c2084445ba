/** The form's choice between a row per event (windows of OVER) and a row per key and window (GROUP BY). Pure. */
import { GROUP_WINDOW } from '../../definition/model.ts'
import type { GroupKind } from './form-group.ts'
import { type FormModel, parseFrame, withWindow } from './form-model.ts'

/** The same features over the other sort of windows; null: a row per event. */
export function withGroup(form: FormModel, kind: GroupKind | null): FormModel {
  if (kind === null) {
    const { windows, name } = withWindow([], parseFrame('1 hour', ''))
    return { ...form, group: null, windows, rows: form.rows.map((row) => ({ ...row, window: name })) }
  }
  const { order: _, ...hints } = form.hints // it is always by event time
  const { length = '1 hour', slide = '' } = form.group ?? {}
  return {
    ...form,
    hints,
    windows: [],
    group: { kind, length, slide: slide || '5 minutes' },
    rows: form.rows.map((row) => ({ ...row, window: GROUP_WINDOW })),
  }
}
