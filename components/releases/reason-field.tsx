'use client'
import { Textarea } from '@mantine/core'

/** Loaded with the dialog that asks for it. */
export default function ReasonField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return <Textarea label={label} required minRows={2} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
}
