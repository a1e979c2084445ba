'use client'
import { Button, Group, Modal } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { ErrorNote } from './error-note.tsx'

type Props = {
  opened: boolean
  onClose: () => void
  title: string
  what: ReactNode
  label: ReactNode
  color: string | undefined
  onConfirm: () => Promise<unknown> | unknown
}

/** Loaded when it is first opened. An error stays in the dialog, nothing typed is lost. */
export default function ConfirmDialog({ opened, onClose, title, what, label, color, onConfirm }: Props) {
  const t = useTranslations('common')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const close = () => {
    setError(null)
    onClose()
  }
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      close()
    } catch (caught) {
      setError(caught)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="stack">
        <div>{what}</div>
        {error ? <ErrorNote error={error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button variant="filled" color={color} loading={busy} onClick={confirm} data-autofocus>
            {label}
          </Button>
        </Group>
      </div>
    </Modal>
  )
}
