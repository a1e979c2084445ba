'use client'
import { IconDots } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { Problem, Window } from '@/definition/model.ts'
import { Chip } from '../ui/chip.tsx'
import { MenuButton } from '../ui/dropdown.tsx'
import styles from './features.module.css'
import { type FormRow, type Frame, operators, takesNoValue } from './form-model.ts'
import { WindowCell } from './window-cell.tsx'

type Props = {
  row: FormRow
  windows: Window[]
  /** of a view with GROUP BY, whose features share one window */
  groupText: string | null
  problems: Problem[]
  isNew: boolean
  type: string | undefined
  onChange: (change: Partial<FormRow>) => void
  onFrame: (frame: Frame) => void
  onMove: (by: -1 | 1) => void
  onDuplicate: () => void
  onRemove: () => void
}

/** One feature: its name, what it computes, only when, over which window. What is wrong stands under it. */
export function FeatureRow({ row, windows, groupText, problems, isNew, type, onChange, onFrame, onMove, onDuplicate, onRemove }: Props) {
  const t = useTranslations('features')
  const window = windows.find((each) => each.name === row.window)
  const formula = row.operator === 'formula'
  const invalid = problems.length > 0
  return (
    <div className={`${styles.f} ${invalid ? styles.wrong : isNew ? styles.new : ''}`} role="group" aria-label={row.name}>
      <div>
        <input
          className={`${styles.field} ${styles.name}`}
          value={row.name}
          onChange={(event) => onChange({ name: event.target.value })}
          aria-label={t('form.name')}
          aria-invalid={problems.some((problem) => problem.path?.endsWith('.name'))}
          spellCheck={false}
          title={type ? `${row.name}: ${type}` : row.name}
        />
        {isNew && <Chip tone="job2">{t('form.new')}</Chip>}
      </div>
      <div className={styles.value} data-single={takesNoValue(row.operator) ? '' : undefined} data-formula={formula ? '' : undefined}>
        <select
          className={styles.field}
          value={row.operator}
          onChange={(event) => onChange({ operator: event.target.value as FormRow['operator'] })}
          aria-label={t('form.operatorOf', { name: row.name })}
        >
          {operators.map((operator) => (
            <option key={operator} value={operator}>
              {t(`operators.${operator}`)}
            </option>
          ))}
        </select>
        {!takesNoValue(row.operator) && (
          <input
            className={`${styles.field} ${styles.code}`}
            value={row.value}
            onChange={(event) => onChange({ value: event.target.value })}
            list={formula ? 'evenflow-features' : 'evenflow-fields'}
            placeholder={formula ? t('form.formulaHint') : t('form.valueHint')}
            aria-label={t('form.valueOf', { name: row.name })}
            aria-invalid={invalid}
            spellCheck={false}
            title={row.value}
          />
        )}
      </div>
      {!formula && (
        <input
          className={`${styles.field} ${styles.code}`}
          value={row.filter}
          onChange={(event) => onChange({ filter: event.target.value })}
          placeholder={t('form.always')}
          aria-label={t('form.filterOf', { name: row.name })}
          spellCheck={false}
          list="evenflow-fields"
          title={row.filter || t('form.always')}
        />
      )}
      {formula ? null : !window ? (
        <span className="dim" style={{ paddingTop: 5 }}>
          {groupText ?? '–'}
        </span>
      ) : (
        <WindowCell frame={window} all={windows} onChange={onFrame} />
      )}
      <span className={styles.more}>
        <MenuButton
          label={t('form.more', { name: row.name })}
          entries={[
            { key: 'up', label: t('form.up'), onSelect: () => onMove(-1) },
            { key: 'down', label: t('form.down'), onSelect: () => onMove(1) },
            { key: 'duplicate', label: t('form.duplicate'), onSelect: onDuplicate },
            { key: 'remove', label: t('form.remove'), bad: true, onSelect: onRemove },
          ]}
        >
          <IconDots size={15} />
        </MenuButton>
      </span>
      {problems.map((problem) => (
        <div key={problem.message} className={styles.why} role="alert">
          <span aria-hidden="true">✕ </span>
          {problem.message} {problem.hint}
        </div>
      ))}
    </div>
  )
}
