/** Starts a process for each comparison, so that neither the engine nor a job waits for one. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { Comparison } from '../../contract/comparison.ts'
import type { CompareTask, FromCompare } from './compare-task.ts'

const PATIENCE_MS = 15 * 60_000

export interface CompareRunner {
  /** `served`: the new job is asked nothing more. Rejects with a sentence where nothing could be found out. */
  compare(task: CompareTask, served: () => void): Promise<Comparison>
  close(): void
}

export function compareRunner(env: NodeJS.ProcessEnv): CompareRunner {
  const children = new Set<ChildProcess>()
  return {
    compare: (task, served) =>
      new Promise((resolve, reject) => {
        const child = fork(join(import.meta.dirname, 'compare-main.ts'), [], {
          env,
          execArgv: ['--disable-warning=ExperimentalWarning'],
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        })
        children.add(child)
        const timer = setTimeout(() => {
          reject(new Error(`The comparison took longer than ${PATIENCE_MS / 60_000} minutes and was given up.`))
          child.kill('SIGKILL')
        }, PATIENCE_MS)
        child.on('message', (message: FromCompare) => {
          if (message.type === 'served') served()
          else if (message.type === 'failed') reject(new Error(message.message))
          else resolve(Comparison.parse(message.comparison))
        })
        child.once('error', reject)
        child.once('exit', (code, signal) => {
          clearTimeout(timer)
          children.delete(child)
          reject(new Error(`The comparison's process ended with ${signal ?? code}: it may have needed too much memory.`))
        })
        child.send(task, (error) => error && reject(error))
      }),
    close() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}
