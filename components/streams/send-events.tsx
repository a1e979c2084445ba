'use client'
import { Button, Textarea } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { IngestAnswer } from '@/contract/engine-api.ts'
import type { Stream } from '@/contract/http-api.ts'
import { api, segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { CodeBlock } from '../ui/copy.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useWrite } from '../use-api.ts'
import { dropUnsent, takeUnsent } from './unsent.ts'

/** Paste events, one JSON object a line; the answer names every refused line and leaves the text where it is. */
export function SendEvents({ stream }: { stream: Stream }) {
  const t = useTranslations('streams')
  const [text, setText] = useState('')
  useEffect(() => setText((typed) => typed || takeUnsent(stream.name)), [stream.name])
  const path = `/streams/${segment(stream.name)}/events`
  const send = useWrite((events: string) => api(IngestAnswer, path, { text: events, contentType: 'application/x-ndjson' }))
  const example = JSON.stringify(Object.fromEntries(stream.fields.map((field) => [field.name, exampleOf(field.type)])))
  const curl = `curl -X POST '${typeof location === 'undefined' ? '' : location.origin}/api/v1${path}' \\\n  -H "Authorization: Bearer $EVENFLOW_API_TOKEN" \\\n  --data-binary '${example}'`
  return (
    <div className="card-bd stack">
      <Textarea
        label={t('send.label')}
        description={t('send.hint')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        placeholder={example}
        autosize
        minRows={6}
        maxRows={16}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
      />
      <div className="row wrap">
        <Button
          variant="filled"
          disabled={text.trim() === ''}
          loading={send.isPending}
          onClick={() => send.mutate(text, { onSuccess: () => dropUnsent(stream.name) })}
        >
          {t('send.button')}
        </Button>
        {send.data && <Chip tone={send.data.accepted > 0 ? 'ok' : 'plain'}>{t('send.accepted', { count: send.data.accepted })}</Chip>}
        {send.data && send.data.rejected.length > 0 && <Chip tone="bad">{t('send.rejected', { count: send.data.rejected.length })}</Chip>}
      </div>
      {send.error && <ErrorNote error={send.error} />}
      {send.data && send.data.rejected.length > 0 && (
        <table className="t" aria-label={t('send.rejectedLines')}>
          <thead>
            <tr>
              <th scope="col" className="n">
                {t('columns.line')}
              </th>
              <th scope="col">{t('columns.code')}</th>
              <th scope="col">{t('columns.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {send.data.rejected.slice(0, 200).map((line) => (
              <tr key={line.line}>
                <td className="n">{line.line}</td>
                <td className="mono">{line.code}</td>
                <td className="wrap">{line.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div>
        <h2 style={{ margin: '4px 0 6px' }}>{t('send.fromElsewhere')}</h2>
        <CodeBlock value={curl} label={t('send.fromElsewhere')} />
      </div>
    </div>
  )
}

function exampleOf(type: string): unknown {
  if (type === 'boolean') return true
  if (type === 'int') return 1
  if (type === 'string') return 'text'
  if (type === 'timestamp') return new Date().toISOString()
  return 1.5
}
