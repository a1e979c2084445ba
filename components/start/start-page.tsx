'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Guide, Overview } from '@/contract/http-api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { useApi } from '../use-api.ts'
import { DemoProgress } from './demo-progress.tsx'
import { GuidePath } from './guide-path.tsx'
import { LiveRead } from './live-read.tsx'
import styles from './start.module.css'

/** What is here, and the way from a stream to a value that one reads over HTTP. */
export function StartPage() {
  const t = useTranslations('start')
  const overview = useApi(Overview, '/overview')
  const guide = useApi(Guide, '/guide')
  return (
    <>
      <PageHeader title={t('title')} sub={t('intro')} actions={<LiveAge query={overview} />} />
      <div className="stack">
        {overview.error && !overview.data && <ErrorNote error={overview.error} />}
        {overview.data && <Tiles overview={overview.data} />}
        {guide.data?.demo && <DemoProgress demo={guide.data.demo} />}
        <Card title={t('path.title')} aside={t('path.aside')} flush>
          {guide.data ? (
            <GuidePath steps={guide.data.steps} />
          ) : guide.error ? (
            <div className="card-bd">
              <ErrorNote error={guide.error} />
            </div>
          ) : (
            <SkeletonRows />
          )}
        </Card>
        {guide.data?.steps.some((step) => step.step === 'release' && step.done) && <LiveRead />}
      </div>
    </>
  )
}

function Tiles({ overview }: { overview: Overview }) {
  const t = useTranslations('start')
  const { jobs } = overview
  const tiles = [
    { key: 'streams', href: '/streams', value: overview.streams, note: null },
    { key: 'features', href: '/features', value: overview.features, note: t('tiles.inViews', { count: overview.views }) },
    { key: 'releases', href: '/releases', value: overview.releasesInProgress, note: t('tiles.inProgress') },
    {
      key: 'jobs',
      href: '/jobs',
      value: jobs.running,
      note: jobs.failed > 0 ? <Chip tone="bad">{t('tiles.failed', { count: jobs.failed })}</Chip> : t('tiles.running'),
    },
  ] as const
  return (
    <div className={styles.tiles}>
      {tiles.map((tile) => (
        <Link key={tile.key} href={tile.href} className={`card ${styles.tile}`}>
          <span className="mid">{t(`tiles.${tile.key}`)}</span>
          <b className={styles.figure}>{tile.value}</b>
          <span className="dim small">{tile.note}</span>
        </Link>
      ))}
    </div>
  )
}
