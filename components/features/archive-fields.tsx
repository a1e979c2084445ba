'use client'
import { Checkbox, Radio, Textarea, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type ArchiveDraft, type ArchiveKind, archiveKinds, emptyArchive } from './archive-draft.ts'
import { parseInstant } from './instant.ts'

const mono = { input: { fontFamily: 'var(--mono)' } }

/** Where the stream begins too late: an archive that the release begins with. `draft` null: none. */
export function ArchiveFields({ draft, onChange }: { draft: ArchiveDraft | null; onChange: (draft: ArchiveDraft | null) => void }) {
  const t = useTranslations('features')
  return (
    <div className="stack" style={{ gap: 8 }}>
      <Checkbox
        size="xs"
        checked={draft !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? emptyArchive : null)}
        label={t('release.archive.label')}
        description={t('release.archive.hint')}
      />
      {draft && <Entered draft={draft} onChange={onChange} />}
    </div>
  )
}

function Entered({ draft, onChange }: { draft: ArchiveDraft; onChange: (draft: ArchiveDraft) => void }) {
  const t = useTranslations('features')
  const names: Record<ArchiveKind, string> = {
    parquet: t('release.archive.parquet'),
    table: t('release.archive.table'),
    query: t('release.archive.query'),
  }
  return (
    <div className="stack" style={{ gap: 8, paddingLeft: 26 }}>
      <Radio.Group
        label={t('release.archive.kind')}
        value={draft.kind}
        onChange={(value) => onChange({ ...draft, kind: value as ArchiveKind })}
      >
        <div className="stack" style={{ gap: 8, marginTop: 8 }}>
          {archiveKinds.map((kind) => (
            <Radio key={kind} size="xs" value={kind} label={names[kind]} />
          ))}
        </div>
      </Radio.Group>
      <TextInput
        label={t('release.archive.path')}
        description={t('release.archive.pathHint')}
        maxLength={500}
        value={draft.path}
        onChange={(event) => onChange({ ...draft, path: event.currentTarget.value })}
        styles={mono}
      />
      {draft.kind === 'table' && (
        <TextInput
          label={t('release.archive.tableName')}
          maxLength={200}
          value={draft.table}
          onChange={(event) => onChange({ ...draft, table: event.currentTarget.value })}
          styles={mono}
        />
      )}
      {draft.kind === 'query' && (
        <Textarea
          label={t('release.archive.select')}
          description={t('release.archive.selectHint')}
          maxLength={20_000}
          autosize
          minRows={2}
          value={draft.query}
          onChange={(event) => onChange({ ...draft, query: event.currentTarget.value })}
          styles={mono}
        />
      )}
      <TextInput
        label={t('release.archive.upTo')}
        description={t('release.archive.upToHint')}
        value={draft.upTo}
        onChange={(event) => onChange({ ...draft, upTo: event.currentTarget.value })}
        error={draft.upTo.trim() !== '' && parseInstant(draft.upTo) === null ? t('release.noInstant') : undefined}
        styles={mono}
      />
    </div>
  )
}
