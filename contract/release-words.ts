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
  again_archive: 'an archive was given',
  again_job: 'job {job} does not run and cannot give its state',

  kept_same: 'Means the same in version {version}: its state and its history go on.',
  kept_renamed: 'Means the same as {was} in version {version}: its state goes on under the new name.',
  kept_savepoint: 'Its state is that of savepoint {savepoint}.',
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
  consumer_forward: 'Its rows are forwarded to {target}: up to the cutover by the job that runs, from then on by the new one.',

  warn_chance_order:
    'The order in which events of several streams arrive is chance: values that depend on it may come out otherwise after a restart, a rescale, a backfill or a roll back.',
  warn_waits: 'Release {release} of this view is under way: this one waits for its end.',
  warn_log_short:
    'The windows of this version reach back to {reachFromMs}, and the log begins at {logFromMs}: what they miss comes in only as time goes by.',
  warn_log_short_for_all_time: 'Aggregates over all time count from {logFromMs} on: what was before is no longer in the log.',

  warn_archive_gap: 'The archive is taken up to {cutAtMs}, and the log begins at {logFromMs}: what was in between is in neither.',
  warn_archive_overlap: 'Events of the log up to {cutAtMs} are refused: the archive has them.',
  warn_archive_absent: 'The archive has no column for {fields}: they are NULL there.',

  refused_busy: 'Release {release} of this view is under way ({state}).',
  refused_busy_way: 'Wait for its end, abort it, or ask with ifBusy "queue".',
  refused_future: 'historyEventTime {historyFromMs} lies in the future.',
  refused_future_way: 'Give an instant that has passed, or leave it out.',
  refused_log_short:
    'The history is asked for from {historyFromMs} on, and the log begins at {logFromMs}: what was before is no longer kept.',
  refused_log_short_way: 'Give an instant from which the log has everything, or leave it out and read what there is.',
  refused_savepoint_missing: 'This view has no savepoint {savepoint}.',
  refused_savepoint_missing_way: 'Choose one of the page Savepoints.',
  refused_savepoint_gone: 'Savepoint {savepoint} is {status}.',
  refused_savepoint_gone_way: 'Choose one that is completed.',
  refused_savepoint_version: 'Savepoint {savepoint} holds the state of version {holds}, not of version {version}.',
  refused_savepoint_version_way: 'Release version {holds} with it, or choose another savepoint.',
  refused_savepoint_log: 'The log no longer has the events that come after savepoint {savepoint}.',
  refused_savepoint_log_way: 'Choose a newer savepoint, or leave it out.',
  refused_savepoint_corrupt: 'Savepoint {savepoint} is damaged: {why}',
  refused_savepoint_corrupt_way: 'Choose another savepoint.',
  refused_savepoint_history:
    'A release that begins with a savepoint takes its events from there: historyEventTime and archive say otherwise.',
  refused_savepoint_history_way: 'Leave them out, or leave the savepoint out.',
  refused_dropped: 'The state of {features} would be given up: this version does not have them.',
  refused_dropped_way: 'Agree to it with allowDroppedState, or keep them in the version.',
  refused_memory: 'The state would take about {estimateBytes}, and memoryLimit is {limitBytes}.',
  refused_memory_way: 'Raise memoryLimit for the view, make windows shorter, or give them a PRECISION.',

  refused_archive_outside: 'The archive {path} does not lie in the folder archives of the data directory.',
  refused_archive_outside_way: 'Put the file there, and give its path within that folder.',
  refused_archive_missing: 'There is no file {path} in the folder archives of the data directory.',
  refused_archive_missing_way: 'Put it there, or correct the path.',
  refused_archive_unreadable: 'The archive {path} cannot be read: {why}.',
  refused_archive_unreadable_way:
    'Give a Parquet file, or a DuckDB database with a table or a SELECT. Tables of MySQL cannot be read yet: write their rows to a Parquet file.',
  refused_archive_columns: 'The archive {path} has no column for {fields}.',
  refused_archive_columns_way: 'Columns go to fields by name: name them so in the file, or with a query.',
  refused_archive_type: 'Column {field} of the archive {path} is {columnType}, which is no {type}.',
  refused_archive_type_way: 'Cast it with a query, or write the file anew.',
  refused_archive_empty: 'The archive {path} has no row in the time that was asked for.',
  refused_archive_empty_way: 'Give a later maxEventTime or an earlier historyEventTime, or another archive.',
  refused_archive_future: 'maxEventTime {cutAtMs} lies in the future: events that are still to come would be refused.',
  refused_archive_future_way: "Give the instant up to which the archive is complete, or leave it out: then it is the archive's newest.",
  refused_archive_changed: 'The archive {path} is not the one that was checked: its file was changed.',
  refused_archive_changed_way: 'Release again: the file is checked anew.',
  refused_archive_union: 'A view over a UNION ALL cannot begin with an archive yet.',
  refused_archive_union_way: 'Leave it out.',
  refused_forward_taken: 'Rows cannot be forwarded to the stream {target}: it takes events of its own, or another view feeds it.',
  refused_forward_taken_way: 'Give the parameter forward of this view another name; the stream is made for it.',
  refused_forward_host: 'Rows cannot be posted to {target}: only this machine and the hosts of EVENFLOW_WEBHOOK_HOSTS are allowed.',
  refused_forward_host_way: 'Have whoever runs the server add the host to EVENFLOW_WEBHOOK_HOSTS, or forward to a stream.',
  refused_forward_loop: 'Rows cannot be forwarded to the stream {target}: the view reads it, itself or through other views.',
  refused_forward_loop_way: 'Give the parameter forward of this view another name.',
  refused_forward_reserved: 'Rows cannot be forwarded to {target}: the name {field} is one that every forwarded row has.',
  refused_forward_reserved_way: 'Give the feature or the key field another name.',
  refused_forward_clash: 'Rows cannot be forwarded to the stream {target}: its field {field} has another type than this version gives it.',
  refused_forward_clash_way: 'Give the feature another name, or forward to another stream.',

  why_pending: '{action} has been asked for and is under way.',
  why_gates: 'The new job has not held all gates yet.',
  why_comparing: 'The values are still being compared.',
  why_approval: 'A second person has to approve it first.',
  why_requester: '{by} asked for this release: another person approves it.',
  why_hours: 'cutoverHours allow it from {opensAtMs} on.',
  why_job_gone: 'Job {job} is no longer running: release its version again instead.',
  why_role: 'This needs the role {role}.',

  waits_approval: 'Ready, and waits until a second person approves it.',
  waits_hours: 'Ready, and waits for the hours in which a cutover is allowed: they begin at {opensAtMs}.',
  waits_cutover: 'Ready, and waits until a person cuts over.',
  waits_differing: 'Values differ: it waits until a person aborts it, or overrules the comparison with a reason.',

  compare_between_runs: 'Job {job} is between two runs.',
  compare_no_answer: 'One of the jobs did not say where it stands.',
  compare_restarted: 'Job {job} started anew meanwhile.',
  compare_no_savepoint: 'Job {job} wrote no savepoint: {why}',
  compare_late: 'The jobs did not both come to the positions within {limitMs}.',
  compare_nothing: 'Nothing could be found out: {why}',

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
