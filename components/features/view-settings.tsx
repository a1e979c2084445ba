'use client'
import { useTranslations } from 'next-intl'
import type { Stream } from '@/contract/http-api.ts'
import { UNION_EVENT_TIME } from '@/definition/model.ts'
import styles from './features.module.css'
import type { FormModel } from './form-model.ts'
import { unionWith } from './form-union.ts'
import { GroupSettings } from './group-settings.tsx'
import { ProblemNotes } from './problem-notes.tsx'
import { UnionSettings } from './union-settings.tsx'
import type { Editor } from './use-editor.ts'

/** What all features of the view share: stream, key, which events count, order, clock. */
export function ViewSettings({
  form,
  editor,
  streams,
  stream,
}: {
  form: FormModel
  editor: Editor
  streams: Stream[]
  stream: Stream | undefined
}) {
  const t = useTranslations('features')
  const keyable = stream?.fields.filter((field) => field.name !== stream.eventTime && !form.key.includes(field.name)) ?? []
  const set = (change: Partial<FormModel>) => editor.changeForm((all) => ({ ...all, ...change }))
  const hint = (change: FormModel['hints']) => set({ hints: { ...form.hints, ...change } })
  const addStream = (name: string) => {
    const second = streams.find((each) => each.name === name)
    if (stream && second)
      set({
        stream: 'events',
        union: unionWith(stream, second),
        hints: { ...form.hints, order: undefined }, // taken as they arrive only where somebody says so of several
        key: form.key.map((field) => (field === stream.eventTime ? UNION_EVENT_TIME : field)),
      })
  }
  const wrong = editor.problemsAt('where')
  return (
    <div className={styles.settings}>
      {form.union ? (
        <UnionSettings union={form.union} form={form} editor={editor} streams={streams} />
      ) : (
        <label>
          {t('form.stream')}
          <select className={styles.field} value={form.stream} onChange={(event) => set({ stream: event.target.value })}>
            {[...new Set([form.stream, ...streams.map((each) => each.name)])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {!form.union && stream && (
        <label>
          {t('union.and')}
          <select className={styles.field} value="" onChange={(event) => addStream(event.target.value)}>
            <option value="">{t('union.none')}</option>
            {streams.map((each) => (
              <option key={each.name}>{each.name}</option>
            ))}
          </select>
        </label>
      )}
      <div role="group" aria-label={t('form.key')}>
        <span className="dim small">{t('form.key')}</span>
        <div className={styles.keyChips}>
          {form.key.map((name) => (
            <span key={name} className="chip mono">
              {name}
              {form.key.length > 1 && (
                <button
                  type="button"
                  className="link-btn"
                  aria-label={t('form.removeKey', { name })}
                  onClick={() => set({ key: form.key.filter((each) => each !== name) })}
                >
                  ✕
                </button>
              )}
            </span>
          ))}
          {keyable.length > 0 && (
            <select
              className={styles.field}
              style={{ width: 44 }}
              value=""
              aria-label={t('form.addKey')}
              onChange={(event) => event.target.value && set({ key: [...form.key, event.target.value] })}
            >
              <option value="">+</option>
              {keyable.map((field) => (
                <option key={field.name}>{field.name}</option>
              ))}
            </select>
          )}
        </div>
      </div>
      <label>
        {t('form.where')}
        <input
          className={`${styles.field} ${styles.code}`}
          value={form.where}
          onChange={(event) => set({ where: event.target.value })}
          placeholder={t('form.allEvents')}
          list="evenflow-fields"
          spellCheck={false}
          aria-invalid={wrong.length > 0}
        />
        <ProblemNotes problems={wrong} />
      </label>
      <GroupSettings form={form} editor={editor} />
      <label>
        {t('form.order')}
        <select
          className={styles.field}
          disabled={form.group !== null}
          value={form.group ? 'event_time' : (form.hints.order ?? '')}
          onChange={(event) => hint({ order: (event.target.value || undefined) as 'arrival' | undefined })}
          title={t(`orderMeaning.${form.group ? 'group' : (form.hints.order ?? (form.union ? 'union' : 'default'))}`)}
        >
          <option value="">{t('form.default')}</option>
          <option value="arrival">{t('orders.arrival')}</option>
          <option value="event_time">{t('orders.event_time')}</option>
        </select>
      </label>
      <label>
        {t('form.readClock')}
        <select
          className={styles.field}
          value={form.hints.readClock ?? ''}
          onChange={(event) => hint({ readClock: (event.target.value || undefined) as 'wall' | undefined })}
          title={t(`clockMeaning.${form.hints.readClock ?? 'default'}`)}
        >
          <option value="">{t('form.default')}</option>
          <option value="wall">{t('clocks.wall')}</option>
          <option value="event">{t('clocks.event')}</option>
        </select>
      </label>
    </div>
  )
}
