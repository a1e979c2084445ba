import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DataDirectoryRefused, lockDataDirectory, startTimeOf } from './data-directory.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'evenflow-dir-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('an empty directory is marked and locked; after the release it is free again', () => {
  const release = lockDataDirectory(dir)
  expect(JSON.parse(readFileSync(join(dir, 'evenflow.json'), 'utf8'))).toEqual({ product: 'evenflow', format: 1 })
  expect(() => lockDataDirectory(dir)).toThrow(new RegExp(`process ${process.pid}`))
  release()
  expect(existsSync(join(dir, 'engine.lock'))).toBe(false)
  lockDataDirectory(dir)()
})

test('the lock of a living other process refuses and names it; that of a dead one, of a reused pid and a cut-off one are taken over', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(other, 'spawn')
  const pid = other.pid as number
  const startedAt = startTimeOf(pid)
  lockDataDirectory(dir)()
  writeFileSync(join(dir, 'engine.lock'), JSON.stringify({ pid, startedAt }))
  expect(() => lockDataDirectory(dir)).toThrow(new RegExp(`process ${pid}`))
  writeFileSync(join(dir, 'engine.lock'), JSON.stringify({ pid, startedAt: 'Thu Jan  1 00:00:00 1970' }))
  lockDataDirectory(dir)()
  other.kill('SIGKILL')
  await once(other, 'exit')
  writeFileSync(join(dir, 'engine.lock'), JSON.stringify({ pid, startedAt }))
  lockDataDirectory(dir)()
  writeFileSync(join(dir, 'engine.lock'), '{"pid":')
  lockDataDirectory(dir)()
})

test('foreign, damaged, incomplete and newer directories are refused by file name and left as they were', () => {
  const cases: [name: string, make: () => void, names: RegExp][] = [
    ['foreign', () => writeFileSync(join(dir, 'thesis.doc'), 'x'), /thesis\.doc/],
    ['damaged', () => writeFileSync(join(dir, 'evenflow.json'), '{"product":"even'), /evenflow\.json is cut off/],
    ['other product', () => writeFileSync(join(dir, 'evenflow.json'), '{"a":1}'), /not Evenflow's marker/],
    ['newer', () => writeFileSync(join(dir, 'evenflow.json'), '{"product":"evenflow","format":2}'), /format 2/],
    ['incomplete', () => mkdirSync(join(dir, 'streams')), /evenflow\.json is missing/],
  ]
  for (const [name, make, names] of cases) {
    rmSync(dir, { recursive: true, force: true })
    mkdirSync(dir)
    make()
    const before = readdirSync(dir)
    expect(() => lockDataDirectory(dir), name).toThrow(DataDirectoryRefused)
    expect(() => lockDataDirectory(dir), name).toThrow(names)
    expect(readdirSync(dir)).toEqual(before)
  }
})
