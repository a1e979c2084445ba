'use client'
import { Button, Group, Modal, Textarea, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { SavedView, View, ViewVersion } from '@/contract/http-api.ts'
import { api, segment } from '../api.ts'
import { CodeBlock } from '../ui/copy.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Time } from '../ui/time.tsx'
import { useWrite } from '../use-api.ts'

type Props = {
  name: string | null
  sql: string
  baseVersion: number | null
  onClose: () => void
  onSaved: (saved: SavedView) => void
  onTakeOver: (version: ViewVersion) => void
}

/** Saves the draft as the next version. When someone else saved meanwhile, shows theirs and asks; nothing is lost either way. */
export function SaveDialog({ name, sql, baseVersion, onClose, onSaved, onTakeOver }: Props) {
  const t = useTranslations('features')
  const c = useTranslations('common')
  const [newName, setNewName] = useState('')
  const [note, setNote] = useState('')
  const [theirs, setTheirs] = useState<ViewVersion | null>(null)
  const view = name ?? newName
  const newest = async (of: string) => {
    const { latestVersion } = await api(View, `/views/${segment(of)}`)
    return api(ViewVersion, `/views/${segment(of)}/versions/${latestVersion}`)
  }
  const save = useWrite((base: number | null) =>
    api(SavedView, '/views', { body: { name: view, sql, ...(note && { note }), ...(base !== null && { baseVersion: base }) } }),
  )
  const submit = (base: number | null) =>
    save.mutate(base, {
      onSuccess: onSaved,
      onError: (error) => {
        if (error.code === 'conflict' && name !== null) void newest(name).then(setTheirs)
      },
    })
  const nameProblem = name === null && newName !== '' && !/^[\p{L}_][\p{L}\p{N}_]{0,62}$/u.test(newName) ? t('save.nameRule') : undefined
  return (
    <Modal opened onClose={onClose} title={t('save.title')} size={theirs ? 'xl' : 'md'} closeButtonProps={{ 'aria-label': c('close') }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (view !== '' && !nameProblem) submit(baseVersion)
        }}
      >
        {name === null && (
          <TextInput
            label={t('save.name')}
            description={t('save.nameHint')}
            value={newName}
            onChange={(event) => setNewName(event.currentTarget.value.trim())}
            error={nameProblem}
            data-autofocus
            placeholder="card_payments"
          />
        )}
        <Textarea
          label={t('save.note')}
          description={t('save.noteHint')}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={2000}
        />
        <p className="mid" style={{ margin: 0 }}>
          {t('save.what')}
        </p>
        {save.error && <ErrorNote error={save.error} />}
        {theirs && (
          <div className="stack" style={{ gap: 8 }}>
            <div>
              {t.rich('save.theirs', { version: theirs.version, who: theirs.createdBy, time: () => <Time value={theirs.createdAt} /> })}
            </div>
            <CodeBlock value={theirs.sql} label={t('save.theirSql')} maxHeight={220} />
            <Group gap={8}>
              <Button onClick={() => onTakeOver(theirs)}>{t('save.takeOver')}</Button>
              <Button onClick={() => submit(theirs.version)} loading={save.isPending}>
                {t('save.onTop', { version: theirs.version })}
              </Button>
            </Group>
          </div>
        )}
        {!theirs && (
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>{c('cancel')}</Button>
            <Button type="submit" variant="filled" loading={save.isPending} disabled={view === '' || nameProblem !== undefined}>
              {t('save.button')}
            </Button>
          </Group>
        )}
      </form>
    </Modal>
  )
}
