'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Stream } from '@/contract/http-api.ts'
import { MAX_BRANCHES, UNION_EVENT_TIME } from '@/definition/model.ts'
import { ProblemNotes } from './problem-notes.tsx'
import styles from './features.module.css'
import type { FormModel } from './form-model.ts'
import { type FormUnion, withBranch, withColumn, withoutColumn, withStream } from './form-union.ts'
import type { Editor } from './use-editor.ts'

/** A union's streams side by side: what each column of the view is in each of them, and which of its events count. */
export function UnionSettings({ union, form, editor, streams }: { union: FormUnion; form: FormModel; editor: Editor; streams: Stream[] }) {
  const t = useTranslations('features')
  const [column, setColumn] = useState('')
  const { columns, branches } = union
  const set = (next: FormUnion) => editor.changeForm((all) => ({ ...all, union: next }))
  const setBranch = (at: number, change: Partial<FormUnion['branches'][number]>) =>
    set({ columns, branches: branches.map((one, b) => (b === at ? { ...one, ...change } : one)) })
  const streamOf = (name: string) => streams.find((each) => each.name === name)
  const remove = (at: number) => {
    const left = branches.filter((_, b) => b !== at)
    const [only, ...more] = left
    editor.changeForm((all) =>
      more.length > 0 || !only ? { ...all, union: { columns, branches: left } } : { ...all, stream: only.stream, union: null },
    )
  }
  const add = (name: string) => {
    const stream = streamOf(name)
    if (stream) set(withBranch(union, stream))
  }
  const addColumn = () => {
    set(withColumn(union, column.trim()))
    setColumn('')
  }
  const isTaken = columns.some((name) => name.toLowerCase() === column.trim().toLowerCase())
  return (
    <div className={styles.union}>
      {branches.map((branch, b) => (
        <datalist key={`${b}-${branch.stream}`} id={`evenflow-branch-${b}`}>
          {streamOf(branch.stream)?.fields.map((field) => (
            <option key={field.name} value={field.name}>
              {field.type}
            </option>
          ))}
        </datalist>
      ))}
      <div className={styles.unionScroll}>
        <table aria-label={t('union.title')}>
          <thead>
            <tr>
              <th scope="col">{t('union.column')}</th>
              {branches.map((branch, b) => (
                <th key={`${b}-${branch.stream}`} scope="col">
                  <span className={styles.unionHead}>
                    <select
                      className={styles.field}
                      aria-label={t('union.streamN', { n: b + 1 })}
                      value={branch.stream}
                      onChange={(event) => {
                        const stream = streamOf(event.target.value)
                        if (stream) set(withStream(union, b, stream))
                      }}
                    >
                      {[...new Set([branch.stream, ...streams.map((each) => each.name)])].map((name) => (
                        <option key={name}>{name}</option>
                      ))}
                    </select>
                    <button
                      type="button"
                      className="link-btn"
                      aria-label={t('union.removeStream', { name: branch.stream, n: b + 1 })}
                      onClick={() => remove(b)}
                    >
                      ✕
                    </button>
                  </span>
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {columns.map((name, c) => (
              <tr key={name}>
                <th scope="row" className="mono">
                  {name}
                </th>
                {branches.map((branch, b) => (
                  <td key={`${b}-${branch.stream}`}>
                    <input
                      className={`${styles.field} ${styles.code}`}
                      aria-label={t('union.valueIn', { column: name, stream: branch.stream, n: b + 1 })}
                      value={branch.values[c] ?? ''}
                      onChange={(event) =>
                        setBranch(b, { values: branch.values.map((value, at) => (at === c ? event.target.value : value)) })
                      }
                      list={`evenflow-branch-${b}`}
                      placeholder="NULL"
                      spellCheck={false}
                    />
                  </td>
                ))}
                <td>
                  {name !== UNION_EVENT_TIME && !form.key.includes(name) && (
                    <button
                      type="button"
                      className="link-btn"
                      aria-label={t('union.removeColumn', { column: name })}
                      onClick={() => set(withoutColumn(union, c))}
                    >
                      ✕
                    </button>
                  )}
                </td>
              </tr>
            ))}
            <tr>
              <th scope="row">{t('union.where')}</th>
              {branches.map((branch, b) => (
                <td key={`${b}-${branch.stream}`}>
                  <input
                    className={`${styles.field} ${styles.code}`}
                    aria-label={t('union.whereIn', { stream: branch.stream, n: b + 1 })}
                    value={branch.where}
                    onChange={(event) => setBranch(b, { where: event.target.value })}
                    list={`evenflow-branch-${b}`}
                    placeholder={t('union.allEvents')}
                    spellCheck={false}
                  />
                </td>
              ))}
              <td />
            </tr>
          </tbody>
        </table>
      </div>
      {branches.map((branch, b) => (
        <ProblemNotes key={`${b}-${branch.stream}`} problems={editor.problemsAt('branch', b)} />
      ))}
      <div className={styles.unionMore}>
        <input
          className={`${styles.field} ${styles.code}`}
          aria-label={t('union.newColumn')}
          placeholder={t('union.newColumn')}
          value={column}
          onChange={(event) => setColumn(event.target.value)}
          spellCheck={false}
        />
        <Button size="compact-sm" disabled={column.trim() === '' || isTaken} onClick={addColumn}>
          {t('union.addColumn')}
        </Button>
        <select
          className={styles.field}
          value=""
          aria-label={t('union.addStream')}
          disabled={branches.length >= MAX_BRANCHES}
          onChange={(event) => add(event.target.value)}
        >
          <option value="">{t('union.addStream')}</option>
          {streams.map((each) => (
            <option key={each.name}>{each.name}</option>
          ))}
        </select>
      </div>
      {form.hints.order === 'arrival' && (
        <p className={styles.unionNote} role="note">
          ⚠ {t('union.arrival')}
        </p>
      )}
    </div>
  )
}
