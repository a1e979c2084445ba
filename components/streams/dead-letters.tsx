'use client'
import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { DeadLetter, list } from '@/contract/http-api.ts'
import { query, segment } from '../api.ts'
import { Chip } from '../ui/chip.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/empty.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useApi } from '../use-api.ts'

/** Every refused event with where it stood, why it was refused, and its text as it came. */
export function DeadLetters({ stream }: { stream: string }) {
  const t = useTranslations('streams')
  const [cursor, setCursor] = useState<string | undefined>()
  const letters = useApi(
    list(DeadLetter),
    `/streams/${segment(stream)}/dead-letters${query({ cursor, limit: 100 })}`,
    cursor ? false : 2000,
  )
  const columns: Column<DeadLetter>[] = [
    { key: 'at', header: t('columns.received'), cell: (letter) => <Time value={letter.receivedAt} /> },
    {
      key: 'position',
      header: t('columns.position'),
      numeric: true,
      cell: (letter) =>
        letter.partition === null || letter.offset === null ? (
          <span className="dim" title={t('refusedAtDoor')}>
            –
          </span>
        ) : (
          `${letter.partition}:${letter.offset}`
        ),
    },
    {
      key: 'code',
      header: t('columns.code'),
      cell: (letter) => <Chip tone={letter.late ? 'warn' : 'bad'}>{letter.late ? t('late') : letter.code}</Chip>,
    },
    { key: 'reason', header: t('columns.reason'), wrap: true, cell: (letter) => letter.message },
    {
      key: 'raw',
      header: t('columns.raw'),
      wrap: true,
      cell: (letter) => (
        <code style={{ overflowWrap: 'anywhere' }}>{letter.raw.length > 400 ? `${letter.raw.slice(0, 400)}…` : letter.raw}</code>
      ),
    },
  ]
  if (letters.error && !letters.data)
    return (
      <div className="card-bd">
        <ErrorNote error={letters.error} />
      </div>
    )
  if (!letters.data) return <SkeletonRows />
  return (
    <>
      <DataTable
        label={t('tabs.dead-letters')}
        columns={columns}
        rows={letters.data.items}
        rowKey={(letter) => letter.id}
        empty={<EmptyState title={t('noLetters.title')}>{t('noLetters.text')}</EmptyState>}
      />
      {(cursor || letters.data.nextCursor) && (
        <div className="row" style={{ padding: '10px 14px' }}>
          <Button disabled={!cursor} onClick={() => setCursor(undefined)}>
            {t('newest')}
          </Button>
          <Button disabled={!letters.data.nextCursor} onClick={() => setCursor(letters.data?.nextCursor)}>
            {t('earlier')}
          </Button>
        </div>
      )}
    </>
  )
}
