/** Runs once when the console's process starts, before its first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startConsole } = await import('./console/start.ts')
  await startConsole()
}
