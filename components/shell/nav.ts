import {
  IconAdjustments,
  IconArrowMerge,
  IconClipboardList,
  IconDeviceFloppy,
  IconLayoutDashboard,
  IconSitemap,
  IconTimeline,
  IconWaveSine,
} from '@tabler/icons-react'

/** What the sidebar and ⌘K offer. `count`: which figure of /overview stands beside it. */
export const nav = [
  { key: 'overview', href: '/', icon: IconLayoutDashboard, count: null, group: 'main' },
  { key: 'streams', href: '/streams', icon: IconWaveSine, count: 'streams', group: 'main' },
  { key: 'features', href: '/features', icon: IconTimeline, count: 'features', group: 'main' },
  { key: 'releases', href: '/releases', icon: IconArrowMerge, count: 'releases', group: 'main' },
  { key: 'jobs', href: '/jobs', icon: IconSitemap, count: 'jobs', group: 'main' },
  { key: 'checkpoints', href: '/checkpoints', icon: IconDeviceFloppy, count: null, group: 'main' },
  { key: 'audit', href: '/audit', icon: IconClipboardList, count: null, group: 'operate' },
  { key: 'settings', href: '/settings', icon: IconAdjustments, count: null, group: 'operate' },
] as const

export type NavKey = (typeof nav)[number]['key']

/** The entry that a path belongs to. */
export function navOf(pathname: string): NavKey | null {
  if (pathname === '/') return 'overview'
  const found = nav.find((entry) => entry.href !== '/' && (pathname === entry.href || pathname.startsWith(`${entry.href}/`)))
  return found?.key ?? null
}
