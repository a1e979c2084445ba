'use client'
/**
 * Form and SQL as one thing seen twice. What is asked of the server is always a text: typed, or written by the form.
 * Its answer goes to the other side: a sound text re-renders the form, a sound form gets its canonical text.
 */
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { EvenflowError } from '@/contract/errors.ts'
import { CheckAnswer } from '@/contract/http-api.ts'
import { type Problem, UNION_EVENT_TIME } from '@/definition/model.ts'
import { api } from '../api.ts'
import { type FormModel, formOf, type Place, sqlOf } from './form-model.ts'

const CHECK_AFTER_MS = 300
export type Editor = ReturnType<typeof useEditor>

export function useEditor(initial: { sql: string; form: FormModel | null }, eventTimeOf: (stream: string) => string) {
  const [sql, setSql] = useState(initial.sql)
  const [form, setForm] = useState<FormModel | null>(initial.form)
  const [asked, setAsked] = useState(initial.sql)
  const source = useRef<'sql' | 'form'>('sql')
  const places = useRef(new Map<number, Place>())

  useEffect(() => {
    const timer = setTimeout(() => setAsked(sql), CHECK_AFTER_MS)
    return () => clearTimeout(timer)
  }, [sql])

  const check = useQuery<CheckAnswer, EvenflowError>({
    queryKey: ['check', asked],
    queryFn: ({ signal }) => api(CheckAnswer, '/views/check', { body: { sql: asked }, signal }),
    enabled: asked.trim() !== '',
    staleTime: 30_000,
    placeholderData: (previous) => previous,
  })
  const current = asked === sql && !check.isPlaceholderData && check.data !== undefined
  const answer = check.data

  useEffect(() => {
    if (!current || !answer?.definition || answer.problems.length > 0) return
    const { definition } = answer
    if (source.current === 'sql') setForm((previous) => formOf(definition, previous ?? undefined))
    else if (answer.sql && answer.sql !== sql && !isTypingInForm()) {
      places.current = new Map()
      setSql(answer.sql)
      setAsked(answer.sql)
    }
  }, [answer, current, sql])

  const typeSql = useCallback((next: string) => {
    source.current = 'sql'
    places.current = new Map()
    setSql(next)
  }, [])

  const changeForm = useCallback(
    (change: (form: FormModel) => FormModel) => {
      setForm((previous) => {
        if (!previous) return previous
        const next = change(previous)
        const written = sqlOf(next, next.union ? UNION_EVENT_TIME : eventTimeOf(next.stream))
        source.current = 'form'
        places.current = written.placeByLine
        setSql(written.sql)
        return next
      })
    },
    [eventTimeOf],
  )

  const format = useCallback(() => {
    if (!answer?.sql || !current) return
    places.current = new Map()
    setSql(answer.sql)
    setAsked(answer.sql)
  }, [answer, current])

  const problems: Problem[] = current && answer ? answer.problems : []
  return {
    sql,
    form,
    answer,
    /** the answer belongs to the text that stands there */
    current,
    checking: !current && !check.isError && sql.trim() !== '',
    checkError: check.error,
    problems,
    sound: current && problems.length === 0 && answer?.definition !== undefined,
    typeSql,
    changeForm,
    format,
    /** problems that stand beside a row, a window, the filter of the view */
    problemsAt: (part: Place['part'], id?: number | string) =>
      problems.filter((problem) => belongs(problem, places.current, form, part, id)),
  }
}

function belongs(problem: Problem, places: Map<number, Place>, form: FormModel | null, part: Place['part'], id?: number | string): boolean {
  const place = places.get(problem.line)
  if (place) return place.part === part && (id === undefined || place.id === id)
  const row = /^features\.(\d+)/.exec(problem.path ?? '')
  if (row) return part === 'row' && form?.rows[Number(row[1])]?.id === id
  const branch = /^union\.(\d+)/.exec(problem.path ?? '')
  if (branch) return part === 'branch' && Number(branch[1]) === id
  return part === 'where' && (problem.path ?? '').startsWith('where')
}

/** While a person types in a field its text isn't replaced under the cursor. */
const isTypingInForm = () =>
  document.activeElement?.closest('[data-feature-form]') !== null &&
  document.activeElement?.tagName === 'INPUT' &&
  document.activeElement?.getAttribute('type') !== 'checkbox'
