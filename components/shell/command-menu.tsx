'use client'
import { Modal, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, useState } from 'react'
import { Job, list, Stream, View } from '@/contract/http-api.ts'
import { useApi } from '../use-api.ts'
import { nav } from './nav.ts'
import styles from './command-menu.module.css'

type Entry = { id: string; group: string; label: string; href: string }

/** ⌘K: pages, views, streams and jobs by name; arrows and Enter. */
export default function CommandMenu({ onClose }: { onClose: () => void }) {
  const t = useTranslations('shell')
  const router = useRouter()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const views = useApi(list(View), '/views', false)
  const streams = useApi(list(Stream), '/streams', false)
  const jobs = useApi(list(Job), '/jobs', false)
  const entries: Entry[] = [
    ...nav.map((item) => ({ id: `page:${item.key}`, group: t('commands.page'), label: t(`nav.${item.key}`), href: item.href })),
    { id: 'new-stream', group: t('commands.action'), label: t('commands.newStream'), href: '/streams/new' },
    { id: 'new-view', group: t('commands.action'), label: t('commands.newView'), href: '/features/new' },
    ...(views.data?.items ?? []).map((view) => ({
      id: `view:${view.name}`,
      group: t('commands.view'),
      label: view.name,
      href: `/features/${encodeURIComponent(view.name)}`,
    })),
    ...(streams.data?.items ?? []).map((stream) => ({
      id: `stream:${stream.name}`,
      group: t('commands.stream'),
      label: stream.name,
      href: `/streams/${encodeURIComponent(stream.name)}`,
    })),
    ...(jobs.data?.items ?? []).map((job) => ({
      id: `job:${job.id}`,
      group: t('commands.job'),
      label: `${t('commands.job')} ${job.id} · ${job.view} v${job.version}`,
      href: `/jobs/${job.id}`,
    })),
  ]
  const needle = text.trim().toLowerCase()
  const found = entries.filter((entry) => `${entry.group} ${entry.label}`.toLowerCase().includes(needle)).slice(0, 12)
  const current = Math.min(at, found.length - 1)
  const go = (entry: Entry | undefined) => {
    if (!entry) return
    router.push(entry.href)
    onClose()
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(current + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(current - 1, 0))
    else if (event.key === 'Enter') go(found[current])
    else return
    event.preventDefault()
  }
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} yOffset="12vh" centered={false} size={560} aria-label={t('search')}>
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        px={14}
        py={6}
        leftSection={<IconSearch size={15} />}
        placeholder={t('search')}
        aria-label={t('search')}
        role="combobox"
        aria-expanded
        aria-controls="command-list"
        aria-activedescendant={found[current] ? `command-${found[current].id}` : undefined}
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
      />
      <div id="command-list" role="listbox" aria-label={t('search')} className={styles.list}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above holds the focus and handles the keys
          // biome-ignore lint/a11y/useFocusableInteractive: options are reached through aria-activedescendant
          <div
            key={entry.id}
            id={`command-${entry.id}`}
            role="option"
            aria-selected={index === current}
            className={styles.item}
            onClick={() => go(entry)}
            onMouseMove={() => setAt(index)}
          >
            {entry.label}
            <span className="dim">{entry.group}</span>
          </div>
        ))}
        {found.length === 0 && <div className={styles.none}>{t('commands.none', { text })}</div>}
      </div>
    </Modal>
  )
}
