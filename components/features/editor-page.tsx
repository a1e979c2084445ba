'use client'
import { useTranslations } from 'next-intl'
import { useSearchParams } from 'next/navigation'
import { useEffect, useState } from 'react'
import { list, Stream, View } from '@/contract/http-api.ts'
import { quoteName } from '@/definition/identifiers.ts'
import { segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { PageHeader } from '../ui/page.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { useApi } from '../use-api.ts'
import { type Draft, readDraft } from './draft.ts'
import { EditorScreen } from './editor-screen.tsx'

/** Gathers what the editor starts from: the stored view, a draft of this browser, or a first feature over a stream. */
export function EditorPage({ name }: { name: string | null }) {
  const t = useTranslations('features')
  const wanted = useSearchParams().get('stream')
  const streams = useApi(list(Stream), '/streams', 10_000)
  const view = useApi(View, name === null ? null : `/views/${segment(name)}`, 5000)
  const [draft, setDraft] = useState<Draft | null | undefined>(undefined)
  useEffect(() => setDraft(readDraft(name)), [name])

  const error = (name !== null && !view.data && view.error) || (!streams.data && streams.error)
  if (error)
    return (
      <>
        <PageHeader title={name ?? t('editor.newTitle')} />
        <ErrorNote error={error} />
      </>
    )
  if (!streams.data || draft === undefined || (name !== null && !view.data))
    return (
      <>
        <PageHeader title={name ?? t('editor.newTitle')} />
        <Card flush>
          <SkeletonRows rows={9} />
        </Card>
      </>
    )
  const stream = streams.data.items.find((each) => each.name === wanted) ?? streams.data.items[0]
  if (name === null && !stream && !draft)
    return (
      <>
        <PageHeader title={t('editor.newTitle')} />
        <Card>
          <EmptyState title={t('editor.noStream')} action={<a href="/streams/new">{t('editor.addStream')}</a>} />
        </Card>
      </>
    )
  return (
    <EditorScreen
      key={name ?? '*new*'}
      name={name}
      view={view.data}
      streams={streams.data.items}
      draft={draft}
      start={view.data?.sql ?? (stream ? firstSql(stream) : '')}
    />
  )
}

/** A view that already works: events of the last hour by the first field that looks like a key. */
function firstSql(stream: Stream): string {
  const key =
    stream.fields.find((field) => field.type === 'string' && !field.nullable) ??
    stream.fields.find((field) => field.name !== stream.eventTime) ??
    stream.fields[0]
  const by = quoteName(key?.name ?? stream.eventTime)
  return `SELECT ${by},\n       COUNT(*) OVER w1h AS events_1h\nFROM ${quoteName(stream.name)}\nWINDOW w1h AS (PARTITION BY ${by} ORDER BY ${quoteName(stream.eventTime)} RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)\n`
}
