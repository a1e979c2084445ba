'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'

/** Where a value comes from: default, system, view:NAME, stream:NAME, job:ID or the definition itself. */
export function ParameterSource({ source }: { source: string }) {
  const t = useTranslations('parameters')
  const [kind = '', ...rest] = source.split(':')
  const name = rest.join(':')
  if (kind === 'view') return <Link href={`/features/${encodeURIComponent(name)}`}>{t('sourceOf.view', { name })}</Link>
  if (kind === 'job') return <Link href={`/jobs/${encodeURIComponent(name)}`}>{t('sourceOf.job', { name })}</Link>
  if (kind === 'stream') return <Link href={`/streams/${encodeURIComponent(name)}`}>{t('sourceOf.stream', { name })}</Link>
  return <span className={kind === 'default' ? 'dim' : undefined}>{t.has(`sources.${kind}`) ? t(`sources.${kind}`) : source}</span>
}
