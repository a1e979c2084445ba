'use client'
import { Button, type ButtonProps, Group, Modal } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { ErrorNote } from './error-note.tsx'

type Props = ButtonProps & {
  children: ReactNode
  title: string
  what: ReactNode
  confirmLabel?: string
  onConfirm: () => Promise<unknown> | unknown
  why?: string | undefined
}

/** A button that first names what will happen. `why`: what a disabled button waits for. An error stays in the dialog, nothing typed is lost. */
export function ConfirmButton({ children, title, what, confirmLabel, onConfirm, why, ...button }: Props) {
  const t = useTranslations('common')
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      setOpen(false)
    } catch (caught) {
      setError(caught)
    } finally {
      setBusy(false)
    }
  }
  const show = () => {
    setError(null)
    setOpen(true)
  }
  return (
    <>
      <Button {...button} title={why} onClick={show}>
        {children}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
        <div className="stack">
          <div>{what}</div>
          {error ? <ErrorNote error={error} /> : null}
          <Group justify="flex-end" gap={8}>
            <Button onClick={() => setOpen(false)}>{t('cancel')}</Button>
            <Button variant="filled" color={button.color} loading={busy} onClick={confirm} data-autofocus>
              {confirmLabel ?? children}
            </Button>
          </Group>
        </div>
      </Modal>
    </>
  )
}
