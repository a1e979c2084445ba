/** Brings node_modules to what package-lock.json says, and with it the Node that runs everything else. */
import { existsSync, readFileSync } from 'node:fs'
import { at, outsideEnvironment } from './paths.mjs'
import { CommandFailed, run } from './run.mjs'
import { progress } from './say.mjs'

/** The Node of this checkout; its version stands in package.json. */
export const node = at('node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

/**
 * What npm wrote of its last install, against the lock file: a reason to install, or null. npm writes its record last, so an
 * install that was cut short shows as one that never was.
 */
export function reasonToInstall(lock, installed) {
  if (!installed) return 'nothing is installed yet'
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '' || wanted.optional) continue
    const found = installed.packages[path]
    if (!found) return `${path.replace('node_modules/', '')} is missing`
    if (found.version !== wanted.version) return `${path.replace('node_modules/', '')} is ${found.version}, wanted is ${wanted.version}`
  }
  return null
}

export async function ensureInstalled() {
  const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'))
  const record = at('node_modules', '.package-lock.json')
  const reason = reasonToInstall(lock, existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : null)
  if (!reason && existsSync(node)) return false
  await progress(`Installing packages (${reason ?? 'Node is missing'})`, () => npmCi())
  if (existsSync(node)) return true
  if (Number(process.versions.node.split('.')[0]) >= 24) return true
  throw new Error(
    `Evenflow runs on Node 24, which npm could not bring for ${process.platform} ${process.arch}. Install Node 24 or newer yourself, then start again.`,
  )
}

async function npmCi() {
  try {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      what: 'npm ci',
      quiet: true,
      env: outsideEnvironment({ NODE_ENV: '' }),
    })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new Error(
      `npm could not install the packages.\n${error.output.trim()}\nCheck that the package registry can be reached, then start again.`,
    )
  }
}

/** The program that runs the product: the checkout's Node, or this one when it is new enough and that one isn't there. */
export function nodeProgram() {
  return existsSync(node) ? node : process.execPath
}
