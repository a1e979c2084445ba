import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { gateContract } from './gate-contract.ts'
import { openGate } from './gate.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

gateContract('LMDB', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenflow-gate-'))
  directories.push(directory)
  return async () => openGate(directory)
})
