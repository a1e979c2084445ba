/** `npm run check`: types, lint and format, dependency rules, purity of the engine's core. Seconds. */
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { at } from './lib/paths.mjs'
import { run } from './lib/run.mjs'

const tool = (what, args) => ({ name: what, run: () => run(nodeProgram(), args, { what, quiet: true }) })

export const checks = [
  tool('types', [at('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--pretty', 'false', '-p', 'tsconfig.json']),
  tool('lint and format', [
    at('node_modules', '@biomejs', 'biome', 'bin', 'biome'),
    'check',
    '--error-on-warnings',
    '--max-diagnostics=50',
    '--colors=off',
  ]),
  tool('dependency rules', ['scripts/rules/check-imports.mjs']),
  tool("the engine's core is pure", ['scripts/rules/core-purity.mjs']),
  tool('the lock file holds every platform', ['scripts/lock/complete-lock.mjs', '--check']),
]

/** @returns {Promise<{ name: string, ok: boolean, output: string, tookMs: number }[]>} */
export function runChecks() {
  return Promise.all(
    checks.map(async (check) => {
      const beganMs = Date.now()
      try {
        await check.run()
        return { name: check.name, ok: true, output: '', tookMs: Date.now() - beganMs }
      } catch (error) {
        return { name: check.name, ok: false, output: (error.output || error.message).trim(), tookMs: Date.now() - beganMs }
      }
    }),
  )
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  await ensureInstalled()
  await generate()
  const results = await runChecks()
  for (const { name, ok, output, tookMs } of results) {
    console.log(`${ok ? '✓' : '✗'} ${name} (${(tookMs / 1000).toFixed(1)} s)`)
    if (!ok) console.log(`${output}\n`)
  }
  process.exitCode = results.every((result) => result.ok) ? 0 : 1
}
