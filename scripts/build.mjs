/** `npm run build`: the console's pages, into .next. Only when something they are made of changed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.mjs'
import { hashFiles } from './lib/hash-files.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at, toolEnvironment } from './lib/paths.mjs'
import { CommandFailed, run } from './lib/run.mjs'

const sources = [
  'app',
  'components',
  'console',
  'contract',
  'db',
  'definition',
  'messages',
  'prisma/schema.prisma',
  'instrumentation.ts',
  'proxy.ts',
  'middleware.ts',
  'next.config.js',
  'tsconfig.json',
  'package-lock.json',
]
const marker = at('.next', 'evenflow-build')

export function buildIsCurrent() {
  return existsSync(marker) && existsSync(at('.next', 'BUILD_ID')) && readFileSync(marker, 'utf8') === hashFiles(sources)
}

export async function build(options = {}) {
  const hash = hashFiles(sources)
  try {
    await run(nodeProgram(), [at('node_modules', 'next', 'dist', 'bin', 'next'), 'build'], {
      what: 'next build',
      quiet: true,
      env: toolEnvironment({ NODE_ENV: 'production' }),
      ...(options.signal && { signal: options.signal }),
    })
  } catch (error) {
    if (error instanceof CommandFailed) throw new Error(`The console could not be built.\n${error.output.trim()}`)
    throw error
  }
  writeFileSync(marker, hash)
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled()
  await generate()
  await build()
  console.log('The console is built.')
}
