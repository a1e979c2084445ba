/** Which language a request gets, and its messages: one JSON file per namespace in messages/<locale>/, merged by file name. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { chooseLocale, type Locale } from './locales.ts'

type Messages = Record<string, Record<string, unknown>>
const cache = new Map<Locale, Messages>()

function load(locale: Locale): Messages {
  const known = cache.get(locale)
  if (known && process.env.NODE_ENV === 'production') return known
  const folder = path.join(/* turbopackIgnore: true */ process.cwd(), 'messages', locale)
  const messages: Messages = {}
  for (const file of readdirSync(folder))
    if (file.endsWith('.json')) messages[file.slice(0, -5)] = JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
  cache.set(locale, messages)
  return messages
}

export default getRequestConfig(async () => {
  const locale = chooseLocale((await cookies()).get('evenflow-locale')?.value, (await headers()).get('accept-language'))
  return { locale, messages: load(locale), timeZone: 'UTC' }
})
