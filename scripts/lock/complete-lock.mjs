/**
 * npm leaves platform packages out of package-lock.json when the registry it asked does not carry them, and `npm ci`
 * then refuses the lock everywhere else. This writes the missing entries: each stands with its exact version in its
 * parent's optionalDependencies, so nothing has to be asked. `npm run lock` after every `npm install`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

const OS = { darwin: 'darwin', macos: 'darwin', linux: 'linux', win: 'win32', win32: 'win32', android: 'android', freebsd: 'freebsd' }
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm32']

/** What a package's name says about where it runs; null when it says nothing. */
export function platformOfName(name) {
  const words = name.replace(/^@[^/]+\//, '').split('-')
  const os = words.map((word) => OS[word]).find(Boolean)
  const cpu = words.find((word) => CPU.includes(word))
  if (!os || !cpu) return null
  const libc = words.includes('musl') ? 'musl' : words.some((word) => word === 'gnu' || word === 'glibc') ? 'glibc' : null
  return { os: [os], cpu: [cpu], ...(libc && os === 'linux' ? { libc: [libc] } : {}) }
}

/** Optional packages that a package in the lock names and the lock does not hold. */
export function missingFromLock(lock) {
  const missing = new Map()
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolve(lock, path, name)) continue
      const version = range.replace(/^npm:[^@]*@/, '')
      missing.set(`node_modules/${name}`, { name, version, dev: entry.dev === true })
    }
  }
  return missing
}

function resolve(lock, from, name) {
  for (let at = from; at; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/'))))
    if (lock.packages[`${at}/node_modules/${name}`]) return true
  return Boolean(lock.packages[`node_modules/${name}`])
}

export function completeLock(lock) {
  const added = []
  const unclear = []
  for (const [path, { name, version, dev }] of missingFromLock(lock)) {
    const platform = platformOfName(name)
    if (!platform || !/^\d/.test(version)) {
      unclear.push(`${name}@${version}`)
      continue
    }
    lock.packages[path] = { version, ...platform, ...(dev ? { dev: true } : {}), optional: true }
    added.push(`${name}@${version}`)
  }
  const [root, ...rest] = Object.entries(lock.packages)
  lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => a.localeCompare(b, 'en'))])
  return { added, unclear }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const { added, unclear } = completeLock(lock)
  if (argv[2] === '--check' && added.length) {
    console.error(`package-lock.json lacks ${added.join(', ')}. Run npm run lock.`)
    process.exit(1)
  }
  if (added.length) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(added.length ? `added ${added.length}: ${added.join(', ')}` : 'the lock file is complete')
  if (unclear.length) console.log(`left alone: ${unclear.join(', ')}`)
}
