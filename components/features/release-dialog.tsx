'use client'
import { Button, Checkbox, Group, Modal, NumberInput, Radio, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { type Cost, Release, type Stream } from '@/contract/http-api.ts'
import { api } from '../api.ts'
import { ReleaseCheckTable } from '../releases/release-check.tsx'
import { useReleaseCheck } from '../releases/use-release-check.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatInstant } from '../ui/format.ts'
import { Num } from '../ui/quantity.tsx'
import { Time } from '../ui/time.tsx'
import { useWrite } from '../use-api.ts'
import { type ArchiveDraft, askedArchive } from './archive-draft.ts'
import { ArchiveFields } from './archive-fields.tsx'
import { parseInstant } from './instant.ts'

const modes = ['set', 'gated', 'automatic'] as const
type Mode = (typeof modes)[number]

type Props = {
  view: string
  version: number
  stream: Stream | undefined
  cost: Cost | null
  runningVersion: number | undefined
  onClose: () => void
}

/** Says what a release will do before it is started: which version, from which event on, and what the check of the engine finds. */
export function ReleaseDialog({ view, version, stream, cost, runningVersion, onClose }: Props) {
  const t = useTranslations('features')
  const r = useTranslations('releases')
  const c = useTranslations('common')
  const router = useRouter()
  const stats = stream?.stats
  const [from, setFrom] = useState<'oldest' | 'time'>('oldest')
  const [text, setText] = useState(stats?.minEventTimeMs == null ? '' : `${formatInstant(stats.minEventTimeMs, 'utc')}Z`)
  const at = from === 'time' ? parseInstant(text) : null
  const [mode, setMode] = useState<Mode>('set')
  const [parallelism, setParallelism] = useState<number | null>(null)
  const [draft, setDraft] = useState<ArchiveDraft | null>(null)
  const [agreed, setAgreed] = useState(false)
  const archive = draft && askedArchive(draft)
  const wrong = (from === 'time' && at === null) || (draft !== null && archive === null)
  const asked = {
    view,
    version,
    ...(at !== null && { historyEventTime: at }),
    ...(archive && { archive }),
    ...(agreed && { allowDroppedState: true }),
  }
  const check = useReleaseCheck(wrong ? null : asked)
  const dropped = check.data?.features.flatMap(({ name, fate }) => (fate === 'dropped' ? [name] : [])) ?? []
  const isAgain = version === runningVersion
  // until the engine has judged: what mostly comes of it
  const kind =
    check.data?.kind ?? (runningVersion === undefined ? 'new_job' : isAgain ? 'rescale' : at === null ? 'new_features' : 'change')
  const release = useWrite(() =>
    api(Release, '/releases', {
      body: {
        ...asked,
        ...(mode !== 'set' && { mode }),
        ...(parallelism !== null && { parallelism }),
      },
    }),
  )
  return (
    <Modal
      opened
      onClose={onClose}
      title={isAgain ? t('release.againTitle', { view, version }) : t('release.title', { view, version })}
      size="xl"
      closeButtonProps={{ 'aria-label': c('close') }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!wrong && check.data?.canProceed !== false)
            release.mutate(undefined, { onSuccess: ({ id }) => router.push(`/releases/${id}`) })
        }}
      >
        {!isAgain && (
          <Radio.Group label={t('release.from')} value={from} onChange={(value) => setFrom(value === 'time' ? 'time' : 'oldest')}>
            <div className="stack" style={{ gap: 8, marginTop: 8 }}>
              <Radio
                size="xs"
                value="oldest"
                label={
                  <>
                    {t('release.oldest')}{' '}
                    {stats?.minEventTimeMs != null && (
                      <span className="dim">
                        (<Time value={stats.minEventTimeMs} mode="exact" />)
                      </span>
                    )}
                  </>
                }
              />
              <Radio size="xs" value="time" label={t('release.time')} />
            </div>
          </Radio.Group>
        )}
        {runningVersion !== undefined && (
          <Radio.Group label={t('release.mode')} value={mode} onChange={(value) => setMode(value as Mode)}>
            <div className="stack" style={{ gap: 8, marginTop: 8 }}>
              {modes.map((one) => (
                <Radio key={one} size="xs" value={one} label={t(`release.modes.${one}`)} />
              ))}
            </div>
          </Radio.Group>
        )}
        {from === 'time' && (
          <TextInput
            label={t('release.historyEventTime')}
            description={t('release.instantHint')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={at === null ? t('release.noInstant') : undefined}
            styles={{ input: { fontFamily: 'var(--mono)' } }}
            data-autofocus
          />
        )}
        {!isAgain && <ArchiveFields draft={draft} onChange={setDraft} />}
        <NumberInput
          label={t('release.parallelism')}
          description={t('release.parallelismHint')}
          placeholder={t('release.parallelismAsSet')}
          value={parallelism ?? ''}
          onChange={(value) => setParallelism(typeof value === 'number' ? value : null)}
          min={1}
          max={128}
          allowDecimal={false}
          clampBehavior="strict"
        />
        <div className="mid">
          <div className="strong" style={{ color: 'var(--ink)' }}>
            {t('release.what')}
          </div>
          <ol style={{ margin: '4px 0 0', paddingLeft: 18, display: 'grid', gap: 2 }}>
            <li>
              {kind === 'rescale'
                ? t('release.again', { version })
                : kind === 'new_features'
                  ? t('release.changed', { version })
                  : t('release.step1', { version })}
            </li>
            <li>
              {kind === 'rescale'
                ? t('release.againStep2')
                : kind === 'new_features'
                  ? t('release.changedStep2')
                  : cost?.eventsToRead != null && from === 'oldest'
                    ? t.rich('release.step2', { events: () => <Num value={cost.eventsToRead} compact /> })
                    : t('release.step2some')}
            </li>
            <li>{runningVersion ? t('release.step3running', { version: runningVersion }) : t('release.step3')}</li>
            {runningVersion !== undefined && <li>{t('release.soak')}</li>}
          </ol>
        </div>
        {check.data ? (
          <ReleaseCheckTable check={check.data} />
        ) : (
          !wrong && <div className="mid">{check.error ? r('check.unable') : r('check.asking')}</div>
        )}
        {dropped.length > 0 && (
          <Checkbox
            size="xs"
            checked={agreed}
            onChange={(event) => setAgreed(event.currentTarget.checked)}
            label={r('check.allowDropped', { features: dropped.join(', ') })}
          />
        )}
        {release.error && <ErrorNote error={release.error} />}
        <Group justify="flex-end" gap={8}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="submit" variant="filled" loading={release.isPending} disabled={wrong || check.data?.canProceed === false}>
            {isAgain ? t('release.againButton') : t('release.button', { version })}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
