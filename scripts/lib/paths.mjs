/** Where things are in this checkout, and the environment that child processes get. */
import { dirname, join, resolve, sep } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const at = (...parts) => join(root, ...parts)

/** Large memory on huge pages, where the system leaves it to the program to ask for them; what is no glibc ignores it. */
const hugePages = 'glibc.malloc.hugetlb=1'

/** PATH with the checkout's own tools first, so that `node` is the one that the lock file brings. */
export function toolEnvironment(extra = {}) {
  return {
    ...env,
    PATH: `${at('node_modules', '.bin')}${pathSeparator}${env.PATH ?? ''}`,
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? at('node_modules', '.cache', 'node'), // what a process compiles at its start is there for the next
    GLIBC_TUNABLES: [env.GLIBC_TUNABLES, hugePages].filter(Boolean).join(':'),
    ...extra,
  }
}

/** PATH without any node_modules/.bin: for npm, which may be about to replace what stands there. */
export function outsideEnvironment(extra = {}) {
  const path = (env.PATH ?? '').split(pathSeparator).filter((part) => !part.includes(`node_modules${sep}.bin`))
  const clean = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || name.toLowerCase().startsWith('npm_config_registry')),
  )
  return { ...clean, PATH: path.join(pathSeparator), ...extra }
}

const pathSeparator = process.platform === 'win32' ? ';' : ':'
