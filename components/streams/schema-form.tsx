'use client'
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { IngestAnswer } from '@/contract/engine-api.ts'
import type { InferredStream } from '@/contract/http-api.ts'
import { Stream } from '@/contract/http-api.ts'
import { api, segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { useWrite } from '../use-api.ts'
import { keepUnsent, rejectedLines } from './unsent.ts'

const TYPES = ['boolean', 'int', 'double', 'decimal(15,2)', 'string', 'timestamp']
type Row = { name: string; type: string; nullable: boolean; used: boolean; examples: string[] }

/** The guessed schema, every cell of it correctable before anything is saved; then the pasted events may go in as the first ones. */
export function SchemaForm({ inferred, text, onSaved }: { inferred: InferredStream; text: string; onSaved: () => void }) {
  const t = useTranslations('streams')
  const router = useRouter()
  const [rows, setRows] = useState<Row[]>(() => inferred.fields.map((field) => ({ ...field, used: true })))
  const [name, setName] = useState('')
  const [eventTime, setEventTime] = useState(inferred.eventTimeCandidates[0]?.field ?? '')
  const [partitions, setPartitions] = useState(1)
  const [ingest, setIngest] = useState(true)
  const edit = (at: number, change: Partial<Row>) => setRows((all) => all.map((row, index) => (index === at ? { ...row, ...change } : row)))
  const timestamps = rows.filter((row) => row.used && row.type === 'timestamp')
  const chosen = timestamps.some((row) => row.name === eventTime) ? eventTime : (timestamps[0]?.name ?? '')
  const nameProblem = name !== '' && !/^[\p{L}_][\p{L}\p{N}_]{0,62}$/u.test(name) ? t('new.nameRule') : undefined
  const missing = name === '' ? t('new.needsName') : (nameProblem ?? (chosen === '' ? t('new.needsEventTime') : undefined))

  const save = useWrite(async () => {
    const fields = rows.filter((row) => row.used).map(({ name, type, nullable }) => ({ name, type, ...(nullable && { nullable }) }))
    const stream = await api(Stream, '/streams', { body: { name, fields, eventTime: chosen, partitions } })
    onSaved()
    if (!ingest) return { stream: stream.name, sent: null }
    // The stream stands; when the engine is down, or refuses lines, the events wait on the stream's page.
    const sent = await api(IngestAnswer, `/streams/${segment(stream.name)}/events`, { text, contentType: 'application/x-ndjson' }).catch(
      () => null,
    )
    if (!sent || sent.rejected.length > 0) keepUnsent(stream.name, sent ? rejectedLines(text, sent) : text)
    return { stream: stream.name, sent }
  })
  const submit = () =>
    save.mutate(undefined, {
      onSuccess: ({ stream, sent }) =>
        router.push(`/streams/${segment(stream)}${ingest && (!sent || sent.rejected.length > 0) ? '?tab=send' : ''}`),
    })

  return (
    <Card title={t('new.schema')} aside={t('new.schemaHint')} flush>
      <div className="table-wrap">
        <table className="t" aria-label={t('new.schema')}>
          <thead>
            <tr>
              <th scope="col">{t('new.use')}</th>
              <th scope="col">{t('columns.field')}</th>
              <th scope="col">{t('columns.type')}</th>
              <th scope="col">{t('columns.nullable')}</th>
              <th scope="col">{t('columns.eventTime')}</th>
              <th scope="col">{t('columns.examples')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={row.name}>
                <td>
                  <Checkbox
                    checked={row.used}
                    onChange={(event) => edit(at, { used: event.currentTarget.checked })}
                    aria-label={t('new.useField', { field: row.name })}
                  />
                </td>
                <td className="mono">{row.name}</td>
                <td>
                  <NativeSelect
                    aria-label={t('new.typeOf', { field: row.name })}
                    value={row.type}
                    data={TYPES.includes(row.type) ? TYPES : [...TYPES, row.type]}
                    onChange={(event) => edit(at, { type: event.currentTarget.value })}
                    w={140}
                  />
                </td>
                <td>
                  <Checkbox
                    checked={row.nullable}
                    disabled={row.name === chosen}
                    onChange={(event) => edit(at, { nullable: event.currentTarget.checked })}
                    aria-label={t('new.nullableOf', { field: row.name })}
                  />
                </td>
                <td>
                  {row.used && row.type === 'timestamp' ? (
                    <label className="row" style={{ gap: 6 }}>
                      <input
                        type="radio"
                        name="event-time"
                        checked={row.name === chosen}
                        onChange={() => {
                          setEventTime(row.name)
                          edit(at, { nullable: false })
                        }}
                        aria-label={t('new.eventTimeIs', { field: row.name })}
                      />
                      <span className="dim">{inferred.eventTimeCandidates.find((candidate) => candidate.field === row.name)?.why}</span>
                    </label>
                  ) : (
                    <span className="dim">–</span>
                  )}
                </td>
                <td className="mono dim" style={{ maxWidth: 340, overflow: 'hidden', textOverflow: 'ellipsis' }}>
                  {row.examples.slice(0, 3).join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="card-bd stack" style={{ borderTop: '1px solid var(--line-soft)' }}>
        <div className="row wrap" style={{ alignItems: 'flex-start', gap: 14 }}>
          <TextInput
            label={t('new.name')}
            placeholder="payments"
            value={name}
            onChange={(event) => setName(event.currentTarget.value.trim())}
            error={nameProblem}
            w={260}
            description={t('new.nameHint')}
          />
          <TextInput
            type="number"
            label={t('columns.partitions')}
            description={t('new.partitionsHint')}
            min={1}
            max={64}
            value={partitions}
            onChange={(event) => setPartitions(Math.min(64, Math.max(1, Math.trunc(event.currentTarget.valueAsNumber) || 1)))}
            w={260}
          />
        </div>
        <Checkbox
          checked={ingest}
          onChange={(event) => setIngest(event.currentTarget.checked)}
          label={t('new.ingest', { count: inferred.events })}
        />
        {save.error && <ErrorNote error={save.error} />}
        <div className="row">
          <Button variant="filled" onClick={submit} loading={save.isPending} disabled={missing !== undefined}>
            {t('new.save')}
          </Button>
          {missing && <span className="mid">{missing}</span>}
        </div>
      </div>
    </Card>
  )
}
