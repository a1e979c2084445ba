/**
 * Every key that the screens use stands in both languages, with the same placeholders; and no key stands there unused.
 * A key built at run time, t(`words.${x}`), counts as a use of all keys of that form.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { chooseLocale, locales } from './locales.ts'

const root = path.resolve(import.meta.dirname, '..')
type Tree = { [key: string]: string | Tree }

const flatten = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  )
const namespaces = (locale: string) =>
  readdirSync(path.join(root, 'messages', locale))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -5))
    .sort()
const read = (locale: string, namespace: string) =>
  new Map(flatten(JSON.parse(readFileSync(path.join(root, 'messages', locale, `${namespace}.json`), 'utf8')) as Tree))
const walk = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const full = path.join(folder, name)
    return statSync(full).isDirectory() ? walk(full) : /\.tsx?$/.test(name) && !name.includes('.test.') ? [full] : []
  })

type Use = { file: string; namespace: string; exact?: string; pattern?: RegExp }
/** `const t = useTranslations('ns')` binds t; then t('a.b'), t.rich('a.b'), t(`a.${b}`), and `x ? 'a' : 'b'` inside the call. */
function usesIn(file: string): Use[] {
  const text = readFileSync(file, 'utf8')
  const bound = new Map<string, string[]>()
  for (const [, name, namespace] of text.matchAll(/const (\w+) = (?:await )?(?:useTranslations|getTranslations)\('([^']+)'\)/g))
    bound.set(name as string, [...(bound.get(name as string) ?? []), namespace as string])
  const uses: Use[] = []
  for (const [variable, bindings] of bound) {
    for (const match of text.matchAll(new RegExp(`\\b${variable}(?:\\.(?:rich|has|raw|markup))?\\(\\s*(['\`])((?:(?!\\1).)*)\\1`, 'g'))) {
      const key = match[2] as string
      for (const namespace of new Set(bindings)) {
        if (match[1] === "'") uses.push({ file, namespace, exact: key })
        else
          uses.push({
            file,
            namespace,
            pattern: new RegExp(`^${key.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{[^}]*\}/g, '[^.]+')}$`),
          })
      }
    }
  }
  return uses
}

const uses = ['app', 'components'].flatMap((folder) => walk(path.join(root, folder))).flatMap(usesIn)
const placeholders = (message: string) =>
  [...new Set([...message.matchAll(/\{(\w+)[,}]|<(\w+)>/g)].map((match) => match[1] ?? match[2]))].sort()

describe('messages', () => {
  it('both languages have the same namespaces', () => expect(namespaces('zh-CN')).toEqual(namespaces('en')))

  for (const namespace of namespaces('en')) {
    const english = read('en', namespace)
    const chinese = read('zh-CN', namespace)
    it(`${namespace}: same keys and placeholders in both languages, none empty`, () => {
      expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
      for (const [key, message] of english) {
        expect(placeholders(chinese.get(key) ?? ''), `${namespace}.${key}`).toEqual(placeholders(message))
        expect(message.trim() && chinese.get(key)?.trim(), `${namespace}.${key} is empty`).toBeTruthy()
      }
    })
    it(`${namespace}: no key is missing`, () => {
      const missing = uses.filter(
        (use) =>
          use.namespace === namespace && !(use.exact ? english.has(use.exact) : [...english.keys()].some((key) => use.pattern?.test(key))),
      )
      expect(missing.map((use) => `${path.relative(root, use.file)}: ${use.exact ?? use.pattern}`)).toEqual([])
    })
    it(`${namespace}: no key is unused`, () => {
      const mine = uses.filter((use) => use.namespace === namespace)
      expect([...english.keys()].filter((key) => !mine.some((use) => use.exact === key || use.pattern?.test(key)))).toEqual([])
    })
  }

  it('every namespace in use exists', () =>
    expect([...new Set(uses.map((use) => use.namespace))].filter((namespace) => !namespaces('en').includes(namespace))).toEqual([]))
})

describe('chooseLocale', () => {
  it('cookie, then the best of Accept-Language, then English', () => {
    expect(chooseLocale('zh-CN', 'en')).toBe('zh-CN')
    expect(chooseLocale(undefined, 'zh-TW,zh;q=0.9,en;q=0.8')).toBe('zh-CN')
    expect(chooseLocale(undefined, 'fr, en;q=0.3, zh;q=0.7')).toBe('zh-CN')
    expect(chooseLocale('xx', 'de')).toBe('en')
    for (const locale of locales) expect(chooseLocale(locale, null)).toBe(locale)
  })
})
