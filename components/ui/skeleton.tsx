import { useTranslations } from 'next-intl'

/** Grey lines in the shape of what is coming. */
export function Skeleton({ width = '100%', height = 13 }: { width?: number | string; height?: number | string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />
}
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  const t = useTranslations('common')
  return (
    <div style={{ padding: '12px 14px', display: 'grid', gap: 14 }} role="status" aria-busy="true" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} width={`${90 - ((row * 17) % 40)}%`} />
      ))}
    </div>
  )
}
