/** The preview's process: answers one message after the other. */
import { checkAgainstDuckdb } from './duckdb-check.ts'
import { evaluate, previewAnswer } from './evaluate.ts'
import type { PreviewMessage, PreviewReply } from './preview-runner.ts'

let turn: Promise<void> = Promise.resolve()

process.on('message', (message: PreviewMessage) => {
  turn = turn.then(async () => {
    const reply = await answer(message)
    process.send?.(reply)
  })
})
process.on('disconnect', () => process.exit(0))

async function answer({ id, kind, task }: PreviewMessage): Promise<PreviewReply> {
  try {
    const startedMs = performance.now()
    const run = await evaluate(task)
    const tookMs = () => performance.now() - startedMs
    return { id, answer: kind === 'preview' ? previewAnswer(task, run, tookMs()) : await checkAgainstDuckdb(task, run, tookMs) }
  } catch (error) {
    return { id, error: { code: 'internal', message: `The preview failed: ${(error as Error).message}` } }
  }
}
