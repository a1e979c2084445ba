'use client'
import { Button } from '@mantine/core'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { list, Stream, View } from '@/contract/http-api.ts'
import { segment } from '../api.ts'
import { Card } from '../ui/card.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { LiveAge } from '../ui/live-age.tsx'
import { PageHeader } from '../ui/page.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { useUrlState } from '../ui/url-state.ts'
import { useApi } from '../use-api.ts'
import { DefinitionPanel } from './definition-panel.tsx'
import { ForwardPanel } from './forward-panel.tsx'
import { HistoryBrowser } from './history-browser.tsx'
import { OnlineBrowser } from './online-browser.tsx'
import { ReadPanel } from './read-panel.tsx'
import { StreamLinks } from './stream-links.tsx'
import { VersionChips } from './version-chips.tsx'
import { VersionsPanel } from './versions-panel.tsx'
import { sourceOfView } from './view-source.ts'

const ReleaseDialog = dynamic(() => import('./release-dialog.tsx').then((module) => module.ReleaseDialog))
const TABS = ['definition', 'read', 'online', 'history', 'forward', 'versions'] as const

export function ViewPage({ name }: { name: string }) {
  const t = useTranslations('features')
  const query = useApi(View, `/views/${segment(name)}`)
  const streams = useApi(list(Stream), '/streams', 10_000)
  const [wanted, setTab] = useUrlState('tab')
  const [release, setRelease] = useState(false)
  const tab = TABS.find((each) => each === wanted) ?? 'definition'
  const view = query.data
  if (!view)
    return (
      <>
        <PageHeader title={name} />
        {query.error ? (
          <ErrorNote error={query.error} action={<Link href="/features">{t('view.all')}</Link>} />
        ) : (
          <Card flush>
            <SkeletonRows />
          </Card>
        )}
      </>
    )
  const stream = sourceOfView(view.definition, streams.data?.items ?? [])
  const panels = {
    definition: <DefinitionPanel view={view} />,
    read: <ReadPanel view={view} stream={stream} />,
    online: <OnlineBrowser view={view} />,
    history: <HistoryBrowser view={view} stream={stream} />,
    forward: <ForwardPanel view={view} />,
    versions: <VersionsPanel view={view} />,
  }
  return (
    <>
      <PageHeader
        title={view.name}
        chips={<VersionChips view={view} />}
        sub={t.rich('editor.over', {
          stream: () => <StreamLinks view={view} />,
          key: () => <code>{view.key.join(', ')}</code>,
        })}
        actions={
          <>
            <LiveAge query={query} />
            {view.runningJobId !== undefined && (
              <Button component={Link} href={`/jobs/${view.runningJobId}`}>
                {t('view.job', { id: view.runningJobId })}
              </Button>
            )}
            <Button component={Link} href={`/features/${segment(name)}/edit`}>
              {t('view.edit')}
            </Button>
            <Button
              variant="filled"
              onClick={() => setRelease(true)}
              disabled={view.latestVersion === view.runningVersion}
              title={view.latestVersion === view.runningVersion ? t('view.runsAlready') : undefined}
            >
              {t('editor.release')}
            </Button>
          </>
        }
      />
      <Card flush>
        <Tabs
          label={view.name}
          value={tab}
          onChange={(key) => setTab(key === 'definition' ? null : key)}
          tabs={TABS.map((key) => ({ key, label: t(`view.tabs.${key}`), panel: () => panels[key] }))}
        />
      </Card>
      {release && (
        <ReleaseDialog
          view={view.name}
          version={view.latestVersion}
          stream={stream}
          cost={null}
          runningVersion={view.runningVersion}
          onClose={() => setRelease(false)}
        />
      )}
    </>
  )
}
