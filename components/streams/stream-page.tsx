'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Stream } from '@/contract/http-api.ts'
import { feederOf } from '@/definition/forward-stream.ts'
import { segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { Chip } from '../ui/chip.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Figures } from '../ui/figures.tsx'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { Bytes, Num, Rate } from '../ui/quantity.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Time } from '../ui/time.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { useUrlState } from '../ui/url-state.ts'
import { useApi } from '../use-api.ts'
import { DeadLetters } from './dead-letters.tsx'
import { EventsBrowser } from './events-browser.tsx'
import { Readers } from './readers.tsx'
import { SchemaTable } from './schema-table.tsx'
import { SendEvents } from './send-events.tsx'

const TABS = ['events', 'schema', 'send', 'dead-letters', 'readers'] as const

export function StreamPage({ name }: { name: string }) {
  const t = useTranslations('streams')
  const query = useApi(Stream, `/streams/${segment(name)}`)
  const [wanted, setTab] = useUrlState('tab')
  const tab = TABS.find((each) => each === wanted) ?? 'events'
  const stream = query.data
  if (!stream)
    return (
      <>
        <PageHeader title={name} />
        {query.error ? (
          <ErrorNote error={query.error} action={<Link href="/streams">{t('backToList')}</Link>} />
        ) : (
          <Card flush>
            <SkeletonRows />
          </Card>
        )}
      </>
    )
  const stats = stream.stats
  const fedBy = feederOf(stream.source)
  const tabs = TABS.filter((key) => key !== 'send' || fedBy === null)
  const panels = {
    events: <EventsBrowser stream={stream} />,
    schema: <SchemaTable stream={stream} />,
    send: <SendEvents stream={stream} />,
    'dead-letters': <DeadLetters stream={stream.name} />,
    readers: <Readers stream={stream} />,
  }
  const labels = {
    events: t('tabs.events'),
    schema: t('tabs.schema'),
    send: t('tabs.send'),
    'dead-letters': (
      <>
        {t('tabs.dead-letters')} {stream.deadLetters > 0 && <Chip tone="warn">{stream.deadLetters}</Chip>}
      </>
    ),
    readers: (
      <>
        {t('tabs.readers')} <span className="dim n">{stream.views.length}</span>
      </>
    ),
  }
  return (
    <>
      <PageHeader
        title={stream.name}
        chips={
          fedBy === null ? (
            <Chip>{t('embedded')}</Chip>
          ) : (
            <Chip shape="→">{t.rich('fedBy', { view: () => <Link href={`/features/${segment(fedBy)}?tab=forward`}>{fedBy}</Link> })}</Chip>
          )
        }
        sub={stream.note ?? undefined}
        actions={
          <>
            <LiveAge query={query} />
            <Button component={Link} href={`/features/new?stream=${segment(name)}`} variant="filled">
              {t('addFeature')}
            </Button>
          </>
        }
      />
      <div className="stack">
        <Card>
          <Figures
            items={[
              { label: t('columns.events'), value: <Num value={stats?.events} /> },
              { label: t('columns.rate'), value: <Rate value={stats?.eventsPerSecond} /> },
              { label: t('columns.oldest'), value: <Time value={stats?.minEventTimeMs} mode="exact" /> },
              { label: t('columns.newest'), value: <Time value={stats?.maxEventTimeMs} mode="exact" /> },
              { label: t('columns.size'), value: <Bytes value={stats?.bytes} /> },
              { label: t('columns.partitions'), value: <Num value={stream.partitions} /> },
            ]}
          />
        </Card>
        <Card flush>
          <Tabs
            label={stream.name}
            value={tab}
            onChange={(key) => setTab(key === 'events' ? null : key)}
            tabs={tabs.map((key) => ({ key, label: labels[key], panel: () => panels[key] }))}
          />
        </Card>
      </div>
    </>
  )
}
