/** `npm run generate`: the two Prisma clients, into db/generated. Only when the schema changed; needs nothing from the network. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { writeSqliteSchema } from './derive-sqlite-schema.mjs'
import { hashFiles } from './lib/hash-files.mjs'
import { nodeProgram } from './lib/install.mjs'
import { at, toolEnvironment } from './lib/paths.mjs'
import { run } from './lib/run.mjs'

const marker = at('db', 'generated', '.made-from')

export async function generate() {
  writeSqliteSchema()
  const hash = hashFiles(['prisma/schema.prisma', 'node_modules/prisma/package.json'])
  const complete = ['mysql', 'sqlite'].every((kind) => existsSync(at('db', 'generated', kind, 'client.ts')))
  if (complete && existsSync(marker) && readFileSync(marker, 'utf8') === hash) return false
  for (const schema of ['prisma/schema.prisma', 'prisma/sqlite/schema.prisma'])
    await run(nodeProgram(), [at('node_modules', 'prisma', 'build', 'index.js'), 'generate', `--schema=${schema}`], {
      what: `prisma generate (${schema})`,
      quiet: true,
      env: prismaEnvironment(),
    })
  mkdirSync(at('db', 'generated'), { recursive: true })
  writeFileSync(marker, hash)
  return true
}

/** Prisma looks for an engine that it would download; generating needs none, so any program that ends well stands in for it. */
function prismaEnvironment() {
  const stand = ['/bin/true', '/usr/bin/true'].find((path) => existsSync(path)) ?? nodeProgram()
  return toolEnvironment({ PRISMA_SCHEMA_ENGINE_BINARY: stand, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' })
}

if (argv[1] === fileURLToPath(import.meta.url))
  console.log((await generate()) ? 'The database clients are generated.' : 'The database clients are up to date.')
