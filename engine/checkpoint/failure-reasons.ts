/** Each reason of the closed list as a sentence. */
import type { CheckpointFailureReason } from '../../contract/job-ipc.ts'

const SENTENCES: Record<CheckpointFailureReason, string> = {
  too_many_in_progress: 'Another checkpoint was in progress; this one was not begun',
  minimum_pause: 'The minimum pause since the last checkpoint was not over; this one was not begun',
  subtask_not_running: 'A subtask was not running, so no barrier was sent',
  timed_out: 'It did not finish within checkpointTimeout',
  declined: 'A subtask declined it',
  superseded: 'A newer checkpoint was complete before this one',
  job_stopped: 'The job stopped or failed meanwhile',
  could_not_write: 'A snapshot file could not be written',
  could_not_finish: 'The manifest could not be written',
  coordinator_stopped: 'The job was stopping and took no new checkpoints',
}

export function failureSentence(reason: CheckpointFailureReason, detail: string): string {
  return detail ? `${SENTENCES[reason]}: ${detail}.` : `${SENTENCES[reason]}.`
}
