/**
 * Loaded before console and engine: when the launcher is gone, however it went, they end too and nothing is left running.
 * Only in the launcher's own children: the engine's jobs inherit this file and have their own way to end.
 */
if (process.channel && process.env.EVENFLOW_LAUNCHER_PID === String(process.ppid)) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
