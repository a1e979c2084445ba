'use client'
import { useTranslations } from 'next-intl'
import { withGroup } from './change-group.ts'
import styles from './features.module.css'
import { type FormGroup, type GroupKind, groupKinds } from './form-group.ts'
import type { FormModel } from './form-model.ts'
import type { Editor } from './use-editor.ts'

/** What a row of the view stands for: an event, or a key and a window that has closed. */
export function GroupSettings({ form, editor }: { form: FormModel; editor: Editor }) {
  const t = useTranslations('features')
  const { group } = form
  const wrong = group ? editor.problemsAt('window') : []
  const set = (change: Partial<FormGroup>) => editor.changeForm((all) => (all.group ? { ...all, group: { ...all.group, ...change } } : all))
  const field = (part: 'length' | 'slide', label: string, hint: string) => (
    <label>
      {label}
      <input
        className={`${styles.field} ${styles.code}`}
        value={group?.[part] ?? ''}
        onChange={(event) => set({ [part]: event.target.value })}
        title={hint}
        aria-invalid={wrong.length > 0}
        spellCheck={false}
      />
    </label>
  )
  return (
    <>
      <label>
        {t('group.rowPer')}
        <select
          className={styles.field}
          value={group?.kind ?? ''}
          onChange={(event) => editor.changeForm((all) => withGroup(all, (event.target.value || null) as GroupKind | null))}
          title={t(`group.meaning.${group?.kind ?? 'event'}`)}
        >
          <option value="">{t('group.event')}</option>
          {groupKinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`group.kinds.${kind}`)}
            </option>
          ))}
        </select>
        {wrong.map((problem) => (
          <span key={problem.message} style={{ color: 'var(--bad)' }} role="alert">
            {problem.message} {problem.hint}
          </span>
        ))}
      </label>
      {group?.kind === 'hop' && field('slide', t('group.slide'), t('group.lengthHint'))}
      {group && field('length', group.kind === 'session' ? t('group.gap') : t('group.length'), t('group.lengthHint'))}
    </>
  )
}
