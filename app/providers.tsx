'use client'
import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { type ReactNode, useState } from 'react'
import { PreferencesProvider, type Zone } from '@/components/ui/preferences.tsx'
import { cssVariablesResolver, theme } from '@/components/ui/theme.ts'
import { EvenflowError } from '@/contract/errors.ts'

// Nothing on a page waits for its first message.
const Notifications = dynamic(() => import('@mantine/notifications').then((module) => module.Notifications), { ssr: false })

/** No session: to the entrance, and back to the same page after it. */
function toEntrance(error: unknown) {
  if (!(error instanceof EvenflowError) || error.code !== 'unauthenticated') return
  if (location.pathname === '/welcome' || location.pathname === '/sign-in') return
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
}

const makeClient = () =>
  new QueryClient({
    queryCache: new QueryCache({ onError: toEntrance }),
    mutationCache: new MutationCache({ onError: toEntrance }),
    defaultOptions: {
      queries: {
        staleTime: 1000,
        refetchOnWindowFocus: true,
        networkMode: 'always',
        // A person's mistake (4xx) is not cured by asking again.
        retry: (count, error) =>
          count < 1 &&
          !(
            error instanceof EvenflowError &&
            ['not_found', 'unauthenticated', 'forbidden', 'bad_request', 'engine_unreachable'].includes(error.code)
          ),
      },
      mutations: { networkMode: 'always' },
    },
  })

export function Providers({ children, initialZone }: { children: ReactNode; initialZone: Zone }) {
  const [client] = useState(makeClient)
  return (
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
        <PreferencesProvider initialZone={initialZone}>
          {children}
          <Notifications position="bottom-right" />
        </PreferencesProvider>
      </MantineProvider>
    </QueryClientProvider>
  )
}
