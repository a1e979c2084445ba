/**
 * Runs the dependency rules of .dependency-cruiser.mjs. Called through the library and not the command line for one reason:
 * it reads TypeScript through swc (the native TypeScript compiler has no JavaScript interface), and has no setting for TSX.
 */
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { argv, chdir } from 'node:process'
import { fileURLToPath } from 'node:url'
import { root } from '../lib/paths.mjs'

const folders = [
  'app',
  'bench',
  'components',
  'console',
  'contract',
  'db',
  'definition',
  'e2e',
  'engine',
  'features',
  'messages',
  'scripts',
]

function readTsxToo() {
  const swc = createRequire(import.meta.url)('@swc/core')
  const { parseFileSync } = swc
  swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') })
}

/** @returns {Promise<{ errors: string[], modules: number }>} */
export async function checkImports(base = root) {
  const paths = folders.filter((name) => existsSync(join(base, name)))
  chdir(base)
  readTsxToo()
  const [{ cruise }, { default: config }, { default: webpackConfig }] = await Promise.all([
    import('dependency-cruiser'),
    import('../../.dependency-cruiser.mjs'),
    import('./resolve.cjs'),
  ])
  const { output } = await cruise(
    paths,
    { ...config.options, baseDir: base, validate: true, ruleSet: { forbidden: config.forbidden } },
    webpackConfig.resolve,
  )
  const errors = output.summary.violations
    .filter((violation) => violation.rule.severity === 'error')
    .map(
      (violation) =>
        `${violation.from} → ${violation.cycle ? violation.cycle.map((step) => step.name).join(' → ') : violation.to}  (${violation.rule.name}: ${comment(config, violation.rule.name)})`,
    )
  return { errors, modules: output.summary.totalCruised }
}

const comment = (config, name) => config.forbidden.find((rule) => rule.name === name)?.comment ?? ''

if (argv[1] === fileURLToPath(import.meta.url)) {
  const { errors, modules } = await checkImports()
  for (const error of errors) console.error(error)
  console.log(`${modules} modules, ${errors.length} imports against the rules`)
  process.exitCode = errors.length ? 1 : 0
}
