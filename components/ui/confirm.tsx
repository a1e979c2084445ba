'use client'
import { Button, type ButtonProps } from '@mantine/core'
import dynamic from 'next/dynamic'
import { type ReactNode, useState } from 'react'

const ConfirmDialog = dynamic(() => import('./confirm-dialog.tsx'), { ssr: false })

type Props = ButtonProps & {
  children: ReactNode
  title: string
  what: ReactNode
  confirmLabel?: string
  onConfirm: () => Promise<unknown> | unknown
  why?: string | undefined
}

/** A button that first names what will happen. `why`: what a disabled button waits for. */
export function ConfirmButton({ children, title, what, confirmLabel, onConfirm, why, ...button }: Props) {
  const [open, setOpen] = useState<boolean | null>(null)
  return (
    <>
      <Button {...button} title={why} onClick={() => setOpen(true)}>
        {children}
      </Button>
      {open !== null && (
        <ConfirmDialog
          opened={open}
          onClose={() => setOpen(false)}
          title={title}
          what={what}
          label={confirmLabel ?? children}
          color={typeof button.color === 'string' ? button.color : undefined}
          onConfirm={onConfirm}
        />
      )}
    </>
  )
}
