'use client'
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Role } from '@/contract/http-api.ts'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { ErrorNote } from '@/components/ui/error-note.tsx'
import { useWrite } from '@/components/use-api.ts'
import { createToken } from './verbs.ts'

/** Loaded when it is first opened. The token leaves the page with the dialog. */
export default function TokenDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations('settings')
  const roles = useTranslations('shell')
  const common = useTranslations('common')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const create = useWrite(createToken)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => {
        create.reset()
        setName('')
      }}
      title={create.data ? t('tokens.made', { name: create.data.name }) : t('tokens.add')}
      closeOnClickOutside={!create.data}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {create.data ? (
        <div className="stack">
          <div style={{ color: 'var(--warn)' }}>▲ {t('tokens.once')}</div>
          <CodeBlock value={create.data.token} label={t('tokens.token')} />
          <div className="row">
            <span className="sp" />
            <Button variant="filled" onClick={onClose}>
              {t('tokens.stored')}
            </Button>
          </div>
        </div>
      ) : (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate({ name, role })
          }}
        >
          <TextInput
            label={t('tokens.name')}
            description={t('tokens.nameHint')}
            required
            maxLength={190}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <NativeSelect
            label={t('tokens.role')}
            value={role}
            data={Role.options.map((value) => ({ value, label: roles(`roles.${value}`) }))}
            onChange={(event) => setRole(Role.parse(event.currentTarget.value))}
          />
          {create.isError && <ErrorNote error={create.error} />}
          <div className="row">
            <span className="sp" />
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" variant="filled" loading={create.isPending}>
              {t('tokens.create')}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
