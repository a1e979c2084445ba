/** A bare clone of this checkout, `npm start`, until its address is printed: install, build, demo. And the second start of the same clone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../scripts/lib/ports.mjs'
import { outsideEnvironment, root } from '../scripts/lib/paths.mjs'
import type { Bench } from './support/harness.ts'

export const run: Bench = async ({ say }) => {
  const scratch = mkdtempSync(join(tmpdir(), 'evenflow-cold-'))
  const clone = join(scratch, 'evenflow')
  try {
    execFileSync('git', ['clone', '--quiet', root, clone])
    const cold = await start(clone)
    await cold.sees(/demo: ([\d,]+) of \1 flights loaded/)
    const loadedSeconds = cold.seconds()
    await cold.end()
    const warm = await start(clone)
    await warm.end()
    say(`cold ${cold.readySeconds.toFixed(1)} s (demo loaded after ${loadedSeconds.toFixed(1)} s), warm ${warm.readySeconds.toFixed(1)} s`)
    return [
      { name: 'start-cold', value: Math.max(cold.readySeconds, loadedSeconds), unit: 's', bar: { atMost: 180 } },
      { name: 'start-warm', value: warm.readySeconds, unit: 's', bar: { atMost: 15 } },
    ]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function start(clone: string) {
  const beganMs = performance.now()
  const env: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(outsideEnvironment()).filter(([name]) => !/^(EVENFLOW_|DATABASE_URL|NODE_ENV)/.test(name)),
  )
  const child: ChildProcess = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...env, NODE_ENV: 'production', PORT: String(await freePort()), ENGINE_PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const seconds = () => (performance.now() - beganMs) / 1000
  const sees = async (pattern: RegExp) => {
    while (!pattern.test(text)) {
      if (child.exitCode !== null) throw new Error(`npm start ended:\n${text}`)
      await new Promise((done) => setTimeout(done, 50))
    }
  }
  await sees(/Evenflow is ready/)
  const readySeconds = seconds()
  const end = () =>
    new Promise<void>((done) => {
      child.once('close', () => done())
      process.kill(-child.pid!, 'SIGINT') // Ctrl-C reaches the whole process group
    })
  return { readySeconds, seconds, sees, end }
}
