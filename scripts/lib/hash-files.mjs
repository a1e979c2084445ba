/** One hash over the contents of files and folders, to know whether something made from them is still right. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

const skipped = /^(node_modules|\.next|generated|\.git)$|\.test\.tsx?$|\.md$/

export function hashFiles(paths, base = root) {
  const hash = createHash('sha256')
  for (const path of paths) add(hash, base, path)
  return hash.digest('hex')
}

function add(hash, base, path) {
  const full = join(base, path)
  if (!existsSync(full)) return
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) if (!skipped.test(name)) add(hash, base, join(path, name))
    return
  }
  hash.update(`${path}\0`).update(readFileSync(full)).update('\0')
}
