/** Every relative link in the READMEs and in docs/ leads to a file that is there, and to a heading that is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const skipped = new Set(['node_modules', '.git', '.next', 'data', 'generated'])

function markdownIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownIn(path)
    return entry.name.endsWith('.md') ? [path] : []
  })
}

const withoutCode = (text) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
const linksIn = (text) => [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1])
const isElsewhere = (link) => /^[a-z][a-z+.-]*:/i.test(link)

/** As the code host makes them: lower case, spaces to hyphens, punctuation gone. */
const anchorsIn = (text) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+\s+(.+)$/gm)].map((match) =>
    match[1]
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )

function brokenLinks(file, text) {
  return linksIn(text)
    .filter((link) => !isElsewhere(link))
    .filter((link) => {
      const [path, anchor] = link.split('#')
      const target = path ? join(dirname(file), decodeURIComponent(path)) : file
      if (!existsSync(target)) return true
      if (!anchor || !statSync(target).isFile()) return false
      return !anchorsIn(target === file ? text : readFileSync(target, 'utf8')).includes(anchor)
    })
}

const files = markdownIn(root)

describe('links', () => {
  it('finds the pages it is to check', () => {
    const names = files.map((file) => relative(root, file))
    expect(names).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'docs/first-hour.md', 'engine/serve/README.md']))
  })

  it('sees a link that leads nowhere', () => {
    const file = join(root, 'README.md')
    expect(brokenLinks(file, '# A b\n[x](docs/none.md) [y](#a-b) [z](#none) [web](https://example.org) `[code](none)`')).toEqual([
      'docs/none.md',
      '#none',
    ])
  })

  it.each(files.map((file) => [relative(root, file), file]))('%s', (_name, file) => {
    expect(brokenLinks(file, readFileSync(file, 'utf8'))).toEqual([])
  })

  it('the index of docs/ names every page', () => {
    const index = join(root, 'docs', 'README.md')
    const linked = new Set(linksIn(readFileSync(index, 'utf8')).map((link) => join(dirname(index), link.split('#')[0])))
    const pages = markdownIn(join(root, 'docs')).filter((file) => file !== index && !/decisions\/(?!README)/.test(relative(root, file)))
    expect(pages.filter((page) => !linked.has(page)).map((page) => relative(root, page))).toEqual([])
  })
})
