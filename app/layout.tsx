import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@/components/ui/tokens.css'
import '@/components/ui/base.css'
import '@/components/ui/operate.css'
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core'
import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import { Providers } from './providers.tsx'

export const metadata: Metadata = {
  title: { default: 'Evenflow', template: '%s · Evenflow' },
  description: 'Real-time features, released without stopping.',
}
export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

/** Language and zone come from cookies, so the first byte is already in the reader's language. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, jar] = await Promise.all([getLocale(), cookies()])
  const zone = jar.get('evenflow-zone')?.value === 'utc' ? 'utc' : 'local'
  return (
    <html lang={locale} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <NextIntlClientProvider>
          <Providers initialZone={zone}>{children}</Providers>
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
