'use client'
import { Button, Modal, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { send } from '@/components/api.ts'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { useWrite } from '@/components/use-api.ts'

/** Name and note of a savepoint to take. Loaded when it is first opened. */
export default function SavepointDialog({ jobId, opened, onClose }: { jobId: number; opened: boolean; onClose: () => void }) {
  const t = useTranslations('jobs')
  const common = useTranslations('common')
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const savepoint = useWrite((input: { name?: string; note?: string }) =>
    send(`/jobs/${jobId}/actions/savepoint`, { method: 'POST', body: input }),
  )
  const submit = () =>
    savepoint.mutate(
      { ...(name.trim() && { name: name.trim() }), ...(note.trim() && { note: note.trim() }) },
      {
        onSuccess: () => {
          onClose()
          setName('')
          setNote('')
          notifications.show({ message: t('savepoint.asked') })
        },
      },
    )
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('savepoint.title', { id: jobId })}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className="mid">{t('savepoint.what')}</div>
        <TextInput
          label={t('savepoint.name')}
          description={t('savepoint.nameHint')}
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          label={t('savepoint.note')}
          maxLength={2000}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {savepoint.isError && <ErrorNote error={savepoint.error} />}
        <div className="row">
          <span className="sp" />
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button type="submit" variant="filled" loading={savepoint.isPending}>
            {t('savepoint.take')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
