/** What a job is given from outside: the supervisor's start message, and ways to everything that is not its own. */
import type { FromJob, ToJob } from '../../contract/job-ipc.ts'
import type { SnapshotFs } from '../checkpoint/snapshot-fs.ts'
import type { CallWatch } from '../code/call-watch.ts'
import type { ThreadStart } from '../exchange/keyed-thread.ts'
import type { FromSubtask } from '../exchange/messages.ts'
import type { SubtaskPort } from '../exchange/remote-subtask.ts'
import type { Forwarder } from '../forward/forwarder.ts'
import type { OnlineReader, Sink } from '../sink/port.ts'
import type { Source } from '../source/port.ts'

export type StartThread = (
  start: ThreadStart,
  index: number,
  receive: (message: FromSubtask) => void,
  lost: (error: Error) => void,
) => SubtaskPort

export type StartMessage = Extract<ToJob, { type: 'start' }>

export type Adapt = NonNullable<NonNullable<StartMessage['restoreFrom']>['adapt']>

export interface JobPorts {
  readonly source: Source
  /** a log with one partition that is read before the source; absent: there is none */
  readonly archive?: Source
  readonly online: (Sink & OnlineReader) | null
  readonly history: Sink | null
  /** where its rows are sent on to, if they are */
  readonly forward?: Forwarder | null
  readonly fs: SnapshotFs
  /** of a keyed subtask, where the job has more than one */
  readonly startThread: StartThread
  /** a thread has said something: there may be work */
  wake(): void
  wallMs(): number
  monotonicMs(): number
  /** processor time of this thread: what something costs, on a busy machine too */
  threadMs(): number
  /** A place where a watcher sees which call of a feature in TypeScript is going on, for each thread that calls them. */
  readonly newCallWatch?: () => CallWatch
  heapBytes(): number
  /** Resolves when the message is on its way. */
  send(message: FromJob): Promise<void>
}
