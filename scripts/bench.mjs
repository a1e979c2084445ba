/** `npm run bench`: what the benches need is brought first, then they run on the checkout's Node. */
import { spawn } from 'node:child_process'
import { build, buildIsCurrent } from './build.mjs'
import { generate } from './generate.mjs'
import { ensureInstalled, nodeProgram } from './lib/install.mjs'
import { root, toolEnvironment } from './lib/paths.mjs'

await ensureInstalled()
await generate()
if (!buildIsCurrent()) await build()
const child = spawn(nodeProgram(), ['--disable-warning=ExperimentalWarning', 'bench/main.ts', ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnvironment(),
  stdio: 'inherit',
})
child.on('exit', (code) => process.exit(code ?? 1))
