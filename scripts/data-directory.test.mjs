import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataDirectoryRefused, inspect, openDataDirectory } from './data-directory.mjs'

let base
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'evenflow-data-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const contents = (directory) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))

function refusal(directory) {
  try {
    openDataDirectory(directory, { version: '1' })
  } catch (error) {
    expect(error).toBeInstanceOf(DataDirectoryRefused)
    return error
  }
  throw new Error('was not refused')
}

describe('a data directory that may be used', () => {
  test('is made, marked and locked; the lock goes at the end', () => {
    const directory = join(base, 'new', 'data')
    const first = openDataDirectory(directory, { version: '9.9.9' })
    expect(first.created).toBe(true)
    expect(JSON.parse(readFileSync(join(directory, 'evenflow.json'), 'utf8'))).toMatchObject({
      product: 'evenflow',
      format: 1,
      version: '9.9.9',
    })
    expect(readdirSync(directory).sort()).toEqual(['evenflow.json', 'evenflow.lock'])
    first.release()
    expect(readdirSync(directory)).toEqual(['evenflow.json'])
    const second = openDataDirectory(directory, { version: '9.9.9' })
    expect(second.created).toBe(false)
    second.release()
  })

  test('may be there already, empty', () => {
    expect(inspect(base)).toEqual({ kind: 'empty' })
    openDataDirectory(base, { version: '1' }).release()
    expect(inspect(base)).toEqual({ kind: 'ours' })
  })

  test('is taken over from a process that is gone', async () => {
    openDataDirectory(base, { version: '1' }).release()
    const gone = spawn(process.execPath, ['-e', ''])
    await new Promise((done) => gone.once('exit', done))
    writeFileSync(join(base, 'evenflow.lock'), JSON.stringify({ pid: gone.pid, startedAt: null }))
    openDataDirectory(base, { version: '1' }).release()
  })

  test.runIf(process.platform === 'linux')('is taken over when the lock names this process number in an earlier life', () => {
    openDataDirectory(base, { version: '1' }).release()
    writeFileSync(join(base, 'evenflow.lock'), JSON.stringify({ pid: process.pid, startedAt: 'another-boot:12' }))
    openDataDirectory(base, { version: '1' }).release()
  })
})

describe('a data directory that may not be used is refused, and left as it was', () => {
  const cases = [
    ['foreign: holds files and no marker', { 'holiday.txt': 'mine' }, 'foreign', 'holiday.txt'],
    ['truncated: an empty marker', { 'evenflow.json': '', 'evenflow.db': 'x' }, 'truncated', 'evenflow.json'],
    ['truncated: half a marker', { 'evenflow.json': '{"product":"evenf' }, 'truncated', 'evenflow.json'],
    ['truncated: another JSON', { 'evenflow.json': '{"name":"x"}' }, 'truncated', 'evenflow.json'],
    ['newer format', { 'evenflow.json': '{"product":"evenflow","format":2}' }, 'newer', 'format 2'],
    ['damaged lock', { 'evenflow.json': '{"product":"evenflow","format":1}', 'evenflow.lock': '{"pi' }, 'lock_damaged', 'evenflow.lock'],
  ]
  test.each(cases)('%s', (_name, files, reason, named) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(base, name), text)
    const error = refusal(base)
    expect(error.reason).toBe(reason)
    expect(error.message).toContain(named)
    expect(error.message).toContain(base)
    expect(contents(base)).toEqual(files)
  })

  test('in use: names the process', () => {
    const first = openDataDirectory(base, { version: '1' })
    const before = contents(base)
    const error = refusal(base)
    expect(error.reason).toBe('in_use')
    expect(error.message).toContain(`process ${process.pid}`)
    expect(contents(base)).toEqual(before)
    first.release()
  })

  test('a file in its place', () => {
    const file = join(base, 'data')
    writeFileSync(file, 'x')
    expect(refusal(file).reason).toBe('not_a_directory')
    expect(readFileSync(file, 'utf8')).toBe('x')
  })
})
