/**
 * The sentences that console and engine say about releases, by code: the closed list. The screens have each of them in messages
 * (`releases.told`, held to this list by a test). A refusal has a second one that ends in `_way`: what to do instead.
 */
import { fill, type Told, type ToldValues } from './told.ts'

export const RELEASE_WORDS = {
  again_events: 'its stream, key or WHERE is another one',
  again_panes: 'its windows keep panes, which hold no events to go on from',
  again_group: 'its windows of GROUP BY are computed anew, each from its first event',
  again_base: 'an aggregate over all time has taken in rows that a longer window needs one by one',
  again_order: 'it takes events in another order',
  again_history: 'historyEventTime was given',
  again_job: 'job {job} does not run and cannot give its state',

  kept_same: 'Means the same in version {version}: its state and its history go on.',
  kept_renamed: 'Means the same as {was} in version {version}: its state goes on under the new name.',
  built_from_log: 'New: built from the log, up to the positions of the savepoint.',
  built_state_there: 'New, but all it reads is kept already: only its past results are computed.',
  changed_meaning: 'Means something else than in version {version}: new state, built from the log.',
  dropped_absent: 'Not in version {version}: its state is dropped, its past results stay in the history.',
  read_again: 'Computed again from the log: the state that runs cannot be gone on with.',
  read_first: 'Computed from the log: no job holds state of it yet.',

  memory_of_job: 'From what job {job} holds now: {stateBytes} for {keys} keys.',
  memory_of_log: 'From the {events} events in the log and the reach of the windows; how many keys there will be is not known.',
  memory_unknown: 'Not known before a job has run: it depends on how many keys there are.',

  consumer_reads: 'Reads by key: {reads} answered since the engine started. Who asked is not recorded.',
  consumer_gone: 'Whoever asks for {features} finds them no more.',
  consumer_online: 'The online store is written: the new version has rows of its own, read from the cutover on.',
  consumer_history: 'The history is written: versions share the columns of the features that they share.',

  warn_waits: 'Release {release} of this view is under way: this one waits for its end.',
  warn_log_short:
    'The windows of this version reach back to {reachFromMs}, and the log begins at {logFromMs}: what they miss comes in only as time goes by.',
  warn_log_short_for_all_time: 'Aggregates over all time count from {logFromMs} on: what was before is no longer in the log.',

  refused_busy: 'Release {release} of this view is under way ({state}).',
  refused_busy_way: 'Wait for its end, abort it, or ask with ifBusy "queue".',
  refused_future: 'historyEventTime {historyFromMs} lies in the future.',
  refused_future_way: 'Give an instant that has passed, or leave it out.',
  refused_log_short:
    'The history is asked for from {historyFromMs} on, and the log begins at {logFromMs}: what was before is no longer kept.',
  refused_log_short_way: 'Give an instant from which the log has everything, or leave it out and read what there is.',
  refused_memory: 'The state would take about {estimateBytes}, and memoryLimit is {limitBytes}.',
  refused_memory_way: 'Raise memoryLimit for the view, make windows shorter, or give them a PRECISION.',

  failed_version: 'Version {version} of the view is not there or cannot be read.',
  failed_definition: 'Version {version} is not the one that was checked: its definition was changed meanwhile.',
  failed_savepoint: 'No savepoint of job {job} could be taken: {why}',
  failed_cut_gone: 'The savepoint that the backfill ends at is no longer there.',
  failed_backfill: 'Backfill job {job} failed: {why}',
  failed_backfill_savepoint: 'No savepoint of backfill job {job} could be taken: {why}',
  failed_job: 'Job {job} did not catch up: {why}',
} as const satisfies Record<string, string>

export type ReleaseWord = keyof typeof RELEASE_WORDS
export type RefusalWord = Exclude<Extract<ReleaseWord, `refused_${string}`>, `${string}_way`>

export const told = (code: ReleaseWord, values: ToldValues = {}): Told => ({ code, values, text: fill(RELEASE_WORDS[code], values) })

/** What stands in the way, and the way out. */
export const refusal = (code: RefusalWord, values: ToldValues): { why: Told; way: Told } => ({
  why: told(code, values),
  way: told(`${code}_way`, values),
})
