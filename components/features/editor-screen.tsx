'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { CodeFeatureFile, list, type SavedView, type Stream, type View, ViewVersion } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { LastCrumb } from '../shell/crumbs.tsx'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { PageHeader } from '../ui/page.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { useApi } from '../use-api.ts'
import { BottomPanel } from './bottom-panel.tsx'
import { type Draft, dropDraft, writeDraft } from './draft.ts'
import { AddButton, FeatureForm } from './feature-form.tsx'
import styles from './features.module.css'
import { formOf } from './form-model.ts'
import { useEditor } from './use-editor.ts'
import { sourceOfForm, streamNames, wordsOf } from './view-source.ts'

const SaveDialog = dynamic(() => import('./save-dialog.tsx').then((module) => module.SaveDialog))
const ReleaseDialog = dynamic(() => import('./release-dialog.tsx').then((module) => module.ReleaseDialog))
const SqlEditor = dynamic(() => import('./sql-editor.tsx'), {
  ssr: false,
  loading: () => (
    <div className="card-bd">
      <Skeleton height={220} />
    </div>
  ),
})

type Props = { name: string | null; view: View | undefined; streams: Stream[]; draft: Draft | null; start: string }

export function EditorScreen({ name, view, streams, draft, start }: Props) {
  const t = useTranslations('features')
  const router = useRouter()
  const restored = draft !== null && draft.sql.trim() !== '' && draft.sql !== start
  const [baseVersion, setBaseVersion] = useState(restored ? draft.baseVersion : (view?.latestVersion ?? null))
  const [savedAtMs, setSavedAtMs] = useState<number | null>(restored ? draft.savedAtMs : null)
  const [showRestored, setShowRestored] = useState(restored)
  const [dialog, setDialog] = useState<'save' | 'release' | null>(null)
  const [savedSql, setSavedSql] = useState(start)
  const eventTimeOf = useCallback(
    (streamName: string) => streams.find((each) => each.name === streamName)?.eventTime ?? 'event_time',
    [streams],
  )
  const editor = useEditor({ sql: restored ? draft.sql : start, form: view && !restored ? formOf(view.definition) : null }, eventTimeOf)
  const stream = editor.form ? sourceOfForm(editor.form, streams) : undefined
  const dirty = editor.sql !== savedSql || name === null

  const running = useApi(ViewVersion, view?.runningVersion ? `/views/${segment(view.name)}/versions/${view.runningVersion}` : null, false)
  const runningIds = useMemo(() => (running.data ? new Set(running.data.types.map((type) => type.id)) : null), [running.data])

  useEffect(() => {
    if (editor.sql === start && !restored) return
    const timer = setTimeout(() => {
      const now = Date.now()
      writeDraft(name, { sql: editor.sql, baseVersion, name: name ?? '', savedAtMs: now })
      setSavedAtMs(now)
    }, 250)
    return () => clearTimeout(timer)
  }, [editor.sql, start, restored, name, baseVersion])

  const openSave = useCallback(() => setDialog('save'), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 's') return
      event.preventDefault()
      openSave()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [openSave])

  const discard = () => {
    dropDraft(name)
    setShowRestored(false)
    setSavedAtMs(null)
    setBaseVersion(view?.latestVersion ?? null)
    editor.typeSql(start)
  }
  const saved = (version: SavedView) => {
    dropDraft(name)
    setSavedSql(editor.sql)
    setSavedAtMs(null)
    setShowRestored(false)
    setBaseVersion(version.version)
    setDialog(null)
    if (name === null) router.replace(`/features/${segment(version.name)}/edit`)
  }
  const code = useApi(list(CodeFeatureFile), '/code-features', false).data?.items
  const words = useMemo(
    () => ({
      fields: wordsOf(editor.form, streams),
      features: editor.form?.rows.map((row) => row.name) ?? [],
      windows: editor.form?.windows.map((window) => window.name) ?? [],
      streams: streams.map((each) => each.name),
      code: code?.flatMap(({ feature }) => feature ?? []) ?? [],
    }),
    [editor.form, streams, code],
  )
  const blocked = editor.sound ? undefined : editor.problems.length > 0 ? t('editor.fixFirst') : t('editor.checking')
  const runsAlready =
    !dirty && view?.runningVersion !== undefined && view.runningVersion === view.latestVersion ? t('view.runsAlready') : undefined
  const title = name ?? t('editor.newTitle')
  return (
    <>
      {name !== null && <LastCrumb>{t('editor.draftOf', { version: (view?.latestVersion ?? 0) + 1 })}</LastCrumb>}
      <PageHeader
        title={title}
        chips={
          <>
            {view?.runningVersion && <Chip tone="job1">{t('editor.running', { version: view.runningVersion })}</Chip>}
            {dirty && <Chip tone="job2">{t('editor.draft')}</Chip>}
            {savedAtMs && <span className="dim">{t.rich('editor.kept', { time: () => <Time value={savedAtMs} /> })}</span>}
          </>
        }
        sub={
          editor.form &&
          t.rich('editor.over', {
            stream: () => <code>{streamNames(editor.form)}</code>,
            key: () => <code>{editor.form?.key.join(', ')}</code>,
          })
        }
        actions={
          <>
            <Button
              onClick={openSave}
              disabled={blocked !== undefined || !dirty}
              title={blocked ?? (dirty ? undefined : t('editor.nothingToSave'))}
            >
              {t('editor.save')}{' '}
              <span className="kbd" style={{ marginLeft: 8 }}>
                ⌘S
              </span>
            </Button>
            <Button
              variant="filled"
              onClick={() => setDialog(dirty ? 'save' : 'release')}
              disabled={blocked !== undefined || runsAlready !== undefined}
              title={blocked ?? runsAlready ?? (dirty ? t('editor.saveBeforeRelease') : undefined)}
            >
              {t('editor.release')}
            </Button>
          </>
        }
      />
      {showRestored && (
        <div className="card card-hd" style={{ marginBottom: 14 }} role="status">
          <span>{t('editor.restored')}</span>
          <span className="sp" />
          <Button size="compact-sm" onClick={discard}>
            {t('editor.discard')}
          </Button>
          <Button size="compact-sm" onClick={() => setShowRestored(false)}>
            {t('editor.keep')}
          </Button>
        </div>
      )}
      <div className="stack">
        {editor.checkError && <ErrorNote error={editor.checkError} />}
        <div className={styles.split}>
          <section className="card" aria-label={t('editor.form')}>
            <div className="card-hd">
              <h2>{t('title')}</h2>
              <span className="dim">{editor.form?.rows.length}</span>
              <span className="sp" />
              <AddButton editor={editor} />
            </div>
            <FeatureForm editor={editor} streams={streams} stream={stream} runningIds={runningIds} />
          </section>
          <section className="card" aria-label="SQL">
            <div className="card-hd">
              <h2>SQL</h2>
              <SyncChip sound={editor.sound} checking={editor.checking} problems={editor.problems.length} />
              <span className="sp" />
              <Button size="compact-sm" onClick={editor.format} disabled={!editor.sound}>
                {t('editor.format')}
              </Button>
            </div>
            <div style={{ flex: 1, minHeight: 260 }}>
              <SqlEditor
                value={editor.sql}
                onChange={editor.typeSql}
                onSave={openSave}
                problems={editor.problems}
                words={words}
                label={t('editor.sqlLabel')}
              />
            </div>
            {editor.problems.length > 0 && (
              <ul className={styles.problems} aria-label={t('editor.problems')}>
                {editor.problems.map((problem) => (
                  <li key={`${problem.line}:${problem.column}:${problem.message}`}>
                    <span style={{ color: 'var(--bad)' }}>✕</span>{' '}
                    <span className="mono dim">
                      {problem.line}:{problem.column}
                    </span>{' '}
                    {problem.message} <span className="mid">{problem.hint}</span>
                  </li>
                ))}
              </ul>
            )}
          </section>
        </div>
        <Card flush>
          <BottomPanel sql={editor.sql} sound={editor.sound} answer={editor.answer} running={running.data} keys={editor.form?.key ?? []} />
        </Card>
      </div>
      {dialog === 'save' && (
        <SaveDialog
          name={name}
          sql={editor.sql}
          baseVersion={baseVersion}
          onClose={() => setDialog(null)}
          onSaved={saved}
          onTakeOver={(version) => {
            setBaseVersion(version.version)
            setSavedSql(version.sql)
            editor.typeSql(version.sql)
            setDialog(null)
          }}
        />
      )}
      {dialog === 'release' && view && (
        <ReleaseDialog
          view={view.name}
          version={baseVersion ?? view.latestVersion}
          stream={stream}
          cost={editor.answer?.cost ?? null}
          runningVersion={view.runningVersion}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  )
}

function SyncChip({ sound, checking, problems }: { sound: boolean; checking: boolean; problems: number }) {
  const t = useTranslations('features')
  if (problems > 0) return <Chip tone="bad">{t('editor.problemCount', { count: problems })}</Chip>
  if (sound) return <Chip tone="ok">{t('editor.inStep')}</Chip>
  return checking ? <Chip tone="run">{t('editor.checking')}</Chip> : null
}
