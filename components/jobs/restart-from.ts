/** From what a job is to start: the dialog's choice → the request's body. Pure. */
export type RestartFrom = { choice: 'newest' | 'checkpoint' | 'savepoint' | 'fresh'; checkpoint: string; savepoint: string }

/** null: a checkpoint or savepoint is still to be chosen. Nothing given means the newest checkpoint. */
export function restartBody({ choice, checkpoint, savepoint }: RestartFrom): { from?: object } | null {
  if (choice === 'newest') return {}
  if (choice === 'fresh') return { from: { fresh: true } }
  const id = choice === 'checkpoint' ? checkpoint : savepoint
  if (id === '') return null
  return { from: choice === 'checkpoint' ? { checkpointId: Number(id) } : { savepointId: Number(id) } }
}
