'use client'
import { Button, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import type { EvenflowError } from '@/contract/errors.ts'
import { InferredStream } from '@/contract/http-api.ts'
import { api } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { PageHeader } from '../ui/page.tsx'
import { sampleEvents } from './sample-events.ts'
import { SchemaForm } from './schema-form.tsx'

const DRAFT = 'evenflow-new-stream'

/** Paste what events look like, correct what was guessed, save. What was pasted survives a reload. */
export function NewStream() {
  const t = useTranslations('streams')
  const [text, setText] = useState('')
  useEffect(() => setText(sessionStorage.getItem(DRAFT) ?? ''), [])
  const change = (next: string) => {
    setText(next)
    sessionStorage.setItem(DRAFT, next)
  }
  const [settled] = useDebouncedValue(text, 400)
  const inferred = useQuery<InferredStream, EvenflowError>({
    queryKey: ['infer', settled],
    queryFn: ({ signal }) => api(InferredStream, '/streams/infer', { body: { text: settled }, signal }),
    enabled: settled.trim() !== '',
    placeholderData: (previous) => previous,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const answer = settled.trim() === '' ? undefined : inferred.data
  return (
    <>
      <PageHeader title={t('new.title')} sub={t('new.intro')} />
      <div className="stack">
        <Card
          title={t('new.paste')}
          aside={t('new.pasteHint')}
          actions={
            <>
              {answer && <Chip tone={answer.events > 0 ? 'ok' : 'bad'}>{t('new.read', { count: answer.events })}</Chip>}
              <Button onClick={() => change(sampleEvents())}>{t('new.sample')}</Button>
            </>
          }
        >
          <Textarea
            aria-label={t('new.paste')}
            value={text}
            onChange={(event) => change(event.currentTarget.value)}
            autosize
            minRows={6}
            maxRows={14}
            spellCheck={false}
            placeholder={'{"card": "c-1041", "amount": 24.9, "paid_at": "2026-05-04T10:00:00Z"}'}
            styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12, lineHeight: 1.6 } }}
          />
          {answer && answer.problems.length > 0 && (
            <ul style={{ margin: '8px 0 0', paddingLeft: 18, color: 'var(--warn)' }}>
              {answer.problems.slice(0, 8).map((problem) => (
                <li key={`${problem.line}:${problem.message}`}>
                  <span className="mono">{t('new.line', { line: problem.line })}</span> {problem.message}
                </li>
              ))}
            </ul>
          )}
        </Card>
        {inferred.error && <ErrorNote error={inferred.error} />}
        {answer && answer.fields.length > 0 && (
          <SchemaForm
            key={answer.fields.map((field) => field.name).join('\n')}
            inferred={answer}
            text={settled}
            onSaved={() => sessionStorage.removeItem(DRAFT)}
          />
        )}
      </div>
    </>
  )
}
