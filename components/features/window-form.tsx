'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useId, useState } from 'react'
import styles from './features.module.css'
import { type Frame, parseFrame } from './form-model.ts'
import { useFrameText } from './frame-text.ts'
import { type ChoiceProblem, choiceOf, frameOfChoice, takesPrecision, type WindowChoice } from './window-choice.ts'
import { PrecisionWords } from './precision-words.tsx'

const PRESETS = ['10 minutes', '1 hour', '3 hours', '1 day', '7 days', '30 days', 'all']
const EXCLUDES = ['current_row', 'ties', 'group'] as const

/** Chooses a window: by time (a preset, or from … until … in words) or by events; what it leaves out, its cap, its precision. */
export function WindowForm({ frame, onChoose }: { frame: Frame; onChoose: (frame: Frame) => void }) {
  const t = useTranslations('features')
  const frameText = useFrameText()
  const [choice, setChoice] = useState(() => choiceOf(frame))
  const [problem, setProblem] = useState<ChoiceProblem | null>(null)
  const set = (change: Partial<WindowChoice>) => {
    setChoice((all) => ({ ...all, ...change }))
    setProblem(null)
  }
  const choose = (chosen: WindowChoice) => {
    const answer = frameOfChoice(chosen)
    if (answer.problem) setProblem(answer.problem)
    else onChoose(answer.frame)
  }
  const text = (field: Exclude<keyof WindowChoice, 'by' | 'exclude'>, placeholder?: string) => (
    <TextField
      name={t(`window.${field}`)}
      hint={t(`window.${field}Hint`)}
      value={choice[field]}
      onChange={(value) => set({ [field]: value })}
      placeholder={placeholder}
      wrong={problem?.field === field}
    />
  )
  return (
    <form
      className="stack"
      style={{ gap: 10 }}
      onSubmit={(event) => {
        event.preventDefault()
        choose(choice)
      }}
    >
      <SelectField
        isFirst
        name={t('window.by')}
        hint=""
        value={choice.by}
        onChange={(by) => set({ by: by as WindowChoice['by'] })}
        options={[
          ['time', t('window.byTime')],
          ['events', t('window.byEvents')],
        ]}
      />
      {choice.by === 'time' ? (
        <>
          <div className="row wrap" style={{ gap: 4 }}>
            {PRESETS.map((preset) => (
              <Button key={preset} size="compact-xs" onClick={() => choose({ ...choice, from: preset, until: '' })}>
                {frameText(parseFrame(preset, ''))}
              </Button>
            ))}
          </div>
          {text('from')}
          {text('until', t('window.now'))}
        </>
      ) : (
        <>
          {text('last')}
          {text('skip', '0')}
        </>
      )}
      <SelectField
        name={t('window.exclude')}
        hint={choice.exclude && t(`window.excludeMeaning.${choice.exclude}`)}
        value={choice.exclude}
        onChange={(exclude) => set({ exclude: exclude as WindowChoice['exclude'] })}
        options={[['', t('window.excludeNone')], ...EXCLUDES.map((exclude) => [exclude, t(`window.excludes.${exclude}`)] as const)]}
      />
      {text('maxRows', t('window.maxRowsNone'))}
      {takesPrecision(choice) && text('precision', t('window.exact'))}
      <PrecisionWords choice={choice} />
      {problem && (
        <div role="alert" style={{ color: 'var(--bad)' }}>
          {problem.sentence ?? (problem.key && t(`window.${problem.key}`))}
        </div>
      )}
      <Button type="submit" variant="filled">
        {t('window.apply')}
      </Button>
    </form>
  )
}

type FieldProps = { name: string; hint: string; value: string; onChange: (value: string) => void }

function TextField({ name, hint, value, onChange, placeholder, wrong }: FieldProps & { placeholder?: string | undefined; wrong: boolean }) {
  const id = useId()
  return (
    <div>
      <label className="strong" htmlFor={id}>
        {name}
      </label>{' '}
      <span className="dim small" id={`${id}-hint`}>
        {hint}
      </span>
      <input
        id={id}
        className={styles.field}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={`${id}-hint`}
        aria-invalid={wrong}
      />
    </div>
  )
}

type Options = { options: readonly (readonly [string, string])[]; isFirst?: boolean }

function SelectField({ name, hint, value, onChange, options, isFirst = false }: FieldProps & Options) {
  const id = useId()
  return (
    <div>
      <label className="strong" htmlFor={id}>
        {name}
      </label>{' '}
      <span className="dim small">{hint}</span>
      <select
        id={id}
        // biome-ignore lint/a11y/noAutofocus: the panel was opened to choose here; Escape brings the focus back
        autoFocus={isFirst}
        className={styles.field}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(([option, label]) => (
          <option key={option} value={option}>
            {label}
          </option>
        ))}
      </select>
    </div>
  )
}
