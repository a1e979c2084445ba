/** The watching thread; see call-watchdog.ts. Counts looks instead of reading a clock: a machine that slept has not looked. */
import { writeSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import type { StuckCall } from '../../contract/job-ipc.ts'
import { CallWatch } from '../code/call-watch.ts'
import type { WatchdogData } from './call-watchdog.ts'

const LOOK_EVERY_MS = 250
/** so long after it was told, the supervisor has had its chance */
const LAST_RESORT_LOOKS = 40

const { memory, names, withinMs, fd } = workerData as WatchdogData
const watch = new CallWatch(memory)
const patience = Math.ceil(withinMs / LOOK_EVERY_MS)
let call = 0
let looks = 0

setInterval(() => {
  const seen = watch.look()
  looks = seen.call !== 0 && seen.call === call ? looks + 1 : 0
  call = seen.call
  if (looks === patience) tell({ feature: names[seen.feature] ?? '', partition: seen.partition, offset: seen.offset, withinMs })
  if (looks >= patience + LAST_RESORT_LOOKS) process.kill(process.pid, 'SIGKILL')
}, LOOK_EVERY_MS)

function tell(stuck: StuckCall): void {
  try {
    writeSync(fd, `${JSON.stringify(stuck)}\n`)
  } catch {
    process.kill(process.pid, 'SIGKILL') // nobody listens: the process must not stay as it is
  }
}
