/**
 * The one registry of system parameters: type, default, bounds, scopes, when a change takes effect, and a sentence in
 * both languages. The screen, the API, the docs and hints are generated from it. Only those that a part of this build reads.
 */
import { z } from 'zod'
import { DAY_MS, MAX_DURATION_DAYS } from './interval.ts'
import { type Hints, Name } from './model.ts'
import {
  type DurationRange,
  durationSchema,
  formatValue,
  MAX_INSTANT_MS,
  MIN_INSTANT_MS,
  type ParameterKind,
  readValue,
  UNITS,
} from './parameter-values.ts'

export type ParameterScope = 'system' | 'view' | 'stream' | 'job'
/** now: while running · start: at the job's next start · release: with the view's next release */
export type ParameterEffect = 'now' | 'start' | 'release'
export type Sentence = { en: string; 'zh-CN': string }

type Spec<T> = {
  kind: ParameterKind
  schema: z.ZodType<T>
  /** Where the default depends on the order of the view, both. */
  default: T | { arrival: T; event_time: T }
  bounds: { min?: number; max?: number; values?: readonly string[] }
  scopes: readonly ParameterScope[]
  effect: ParameterEffect
  sentence: Sentence
}

const MAX_DURATION_MS = MAX_DURATION_DAYS * DAY_MS
type Rest<T> = Pick<Spec<T>, 'scopes' | 'effect' | 'sentence'>

const duration = (defaultMs: Spec<number>['default'], rest: Rest<number>, min = 0, max = MAX_DURATION_MS): Spec<number> => ({
  kind: 'duration',
  schema: durationSchema(min, max),
  default: defaultMs,
  bounds: { min, max },
  ...rest,
})
const int = (value: number, min: number, max: number, rest: Rest<number>): Spec<number> => ({
  kind: 'int',
  schema: z.int().min(min).max(max),
  default: value,
  bounds: { min, max },
  ...rest,
})
const toggle = (value: boolean, rest: Rest<boolean>): Spec<boolean> => ({
  kind: 'boolean',
  schema: z.boolean(),
  default: value,
  bounds: {},
  ...rest,
})
const choice = <const V extends readonly [string, ...string[]]>(values: V, value: V[number], rest: Rest<V[number]>): Spec<V[number]> => ({
  kind: 'choice',
  schema: z.enum(values) as unknown as z.ZodType<V[number]>,
  default: value,
  bounds: { values },
  ...rest,
})
const text = (en: string, zh: string): Sentence => ({ en, 'zh-CN': zh })

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const GIB = 1024 ** 3

export const PARAMETERS = {
  historyEventTime: {
    kind: 'instant',
    schema: z.number().min(MIN_INSTANT_MS).max(MAX_INSTANT_MS).nullable(),
    default: null,
    bounds: { min: MIN_INSTANT_MS, max: MAX_INSTANT_MS },
    scopes: ['job'],
    effect: 'start',
    sentence: text(
      'Process only events at or after this instant; none: from the oldest retained event.',
      '只处理此时刻及之后的事件；留空则从保留的最早事件开始。',
    ),
  } satisfies Spec<number | null> as Spec<number | null>,
  parallelism: int(1, 1, 128, {
    scopes: ['view', 'job'],
    effect: 'release',
    sentence: text('Number of subtasks that share the work of a job.', '分担一个作业的工作的子任务数量。'),
  }),
  parallelBy: choice(['key', 'feature', 'auto'], 'auto', {
    scopes: ['view'],
    effect: 'start',
    sentence: text(
      'How several subtasks share the work: key gives each a share of the keys, feature some of the features of all keys, which helps when one key has most events; auto measures the newest events and decides.',
      '多个子任务如何分担工作：key 各负责一部分键；feature 各负责所有键的一部分特征，适合事件集中于一个键的情况；auto 测量最新的事件后决定。',
    ),
  }),
  order: choice(['arrival', 'event_time'], 'arrival', {
    scopes: ['view'],
    effect: 'release',
    sentence: text(
      'arrival: a value is there at once; event_time: rows wait for the watermark and equal the batch result.',
      'arrival：值立即可用；event_time：等待水位线，结果与批处理一致。',
    ),
  }),
  readClock: choice(['wall', 'event'], 'wall', {
    scopes: ['view'],
    effect: 'now',
    sentence: text(
      'The instant at which windows are read: wall is now; event is the newest event time applied, for replays.',
      '读取窗口的时刻：wall 为当前时间；event 为已处理的最新事件时间，用于回放。',
    ),
  }),
  outOfOrderness: duration(5 * SECOND, {
    scopes: ['system', 'view'],
    effect: 'start',
    sentence: text(
      'How far events may be out of order: the watermark stays this much behind the newest event.',
      '事件允许的乱序程度：水位线比最新事件落后这么多。',
    ),
  }),
  allowedLateness: duration(
    { arrival: HOUR, event_time: 0 },
    {
      scopes: ['system', 'view'],
      effect: 'start',
      sentence: text(
        'How late behind the watermark an event may be and still count; later ones go to the late list.',
        '事件落后水位线多久仍会计入；更晚的进入迟到列表。',
      ),
    },
  ),
  idleTimeout: duration(
    30 * SECOND,
    {
      scopes: ['system', 'view'],
      effect: 'now',
      sentence: text(
        'A partition without events for so long no longer holds back the watermark.',
        '分区在此时长内没有事件，便不再阻挡水位线。',
      ),
    },
    10,
  ),
  futureSkew: duration(5 * MINUTE, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'An event further ahead of the clock than this is refused as a dead letter.',
      '事件时间超前时钟多于此值时，作为死信拒收。',
    ),
  }),
  ttl: {
    kind: 'duration',
    schema: durationSchema(SECOND, MAX_DURATION_MS).nullable(),
    default: null,
    bounds: { min: SECOND, max: MAX_DURATION_MS },
    scopes: ['view'],
    effect: 'now',
    sentence: text(
      'A key without events for so long, by event time, is forgotten: it reads as one never seen, and its next event begins anew. None: kept for ever.',
      '键在此时长内（按事件时间）没有事件即被遗忘：读取时如同从未出现，下一个事件从头开始。留空则永久保留。',
    ),
  } satisfies Spec<number | null> as Spec<number | null>,
  checkpointInterval: duration(
    10 * SECOND,
    {
      scopes: ['system', 'view', 'job'],
      effect: 'now',
      sentence: text('Time from one checkpoint to the next.', '两次检查点之间的时间。'),
    },
    10,
    7 * DAY_MS,
  ),
  checkpointTimeout: duration(
    2 * MINUTE,
    {
      scopes: ['system', 'view', 'job'],
      effect: 'now',
      sentence: text('A checkpoint that takes longer is given up.', '超过此时长的检查点将被放弃。'),
    },
    10,
    7 * DAY_MS,
  ),
  checkpointMinPause: duration(
    SECOND,
    {
      scopes: ['system', 'view', 'job'],
      effect: 'now',
      sentence: text(
        'Least pause between the end of a checkpoint and the start of the next.',
        '一次检查点结束到下一次开始之间的最短间隔。',
      ),
    },
    0,
    7 * DAY_MS,
  ),
  checkpointTolerableFailures: int(3, 0, 1000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text('So many checkpoints may fail in a row before the job is restarted.', '检查点可连续失败的次数，超过则重启作业。'),
  }),
  checkpointRetention: int(5, 2, 1000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text('So many completed checkpoints are kept; savepoints are not counted.', '保留的已完成检查点数量；保存点不计入。'),
  }),
  batchSize: int(1000, 1, 100_000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text('Records in a batch at most: larger is faster, smaller is sooner.', '每批最多记录数：越大吞吐越高，越小延迟越低。'),
  }),
  memoryLimit: {
    kind: 'bytes',
    schema: z
      .int()
      .min(16 * 1024 ** 2)
      .max(1024 * GIB),
    default: 2 * GIB,
    bounds: { min: 16 * 1024 ** 2, max: 1024 * GIB },
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'Memory that the state of one job may take; beyond it the job stops and says why.',
      '单个作业状态可占用的内存；超出则作业停止并说明原因。',
    ),
  } satisfies Spec<number> as Spec<number>,
  deadLetterRateLimit: {
    kind: 'share',
    schema: z.number().min(0).max(1),
    default: 0.5,
    bounds: { min: 0, max: 1 },
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'Share of bad events (of at least 100) above which the job stops.',
      '坏事件所占比例（至少 100 条起算）超过此值时作业停止。',
    ),
  } satisfies Spec<number> as Spec<number>,
  onlineStore: toggle(true, {
    scopes: ['system', 'view'],
    effect: 'release',
    sentence: text('Keep the newest values by key in the online store.', '将每个键的最新值写入在线存储。'),
  }),
  history: toggle(true, {
    scopes: ['system', 'view'],
    effect: 'release',
    sentence: text('Keep every row that is produced, by event, in the history.', '将产生的每一行按事件写入历史。'),
  }),
  forward: {
    kind: 'target',
    schema: z
      .union([Name, z.url({ protocol: /^https?$/ }).max(500)], {
        error: 'give the name of a stream, or the URL of a webhook (http or https)',
      })
      .nullable(),
    default: null,
    bounds: {},
    scopes: ['view'],
    effect: 'release',
    sentence: text(
      'Send every row that is produced on to this stream, which is made for it, each version of a key once; or to a webhook by its URL, at least once. None: rows are not forwarded.',
      '将产生的每一行转发到此流（自动创建），每个键的每个版本仅一次；或按 URL 转发到 webhook，至少一次。留空则不转发。',
    ),
  } satisfies Spec<string | null> as Spec<string | null>,
  historyRetention: duration(
    90 * DAY_MS,
    {
      scopes: ['system', 'view'],
      effect: 'now',
      sentence: text('History rows older than this are deleted.', '早于此时长的历史行会被删除。'),
    },
    MINUTE,
  ),
  streamRetention: duration(
    30 * DAY_MS,
    {
      scopes: ['stream'],
      effect: 'now',
      sentence: text('Events older than this are deleted from an embedded stream.', '内置流中早于此时长的事件会被删除。'),
    },
    MINUTE,
  ),
  gateLagRecords: int(1000, 0, 1_000_000_000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'A release is ready only while its new job is at most so many records behind the end of the stream.',
      '仅当新作业距流末尾不超过此记录数时，发布才算就绪。',
    ),
  }),
  gateMaxEventTimeDelta: duration(2 * SECOND, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'A release is ready only while the newest event times of both jobs are this close; times demoSpeed for views that read by the event clock.',
      '仅当两个作业的最新事件时间相差不超过此值时，发布才算就绪；按事件时钟读取的视图再乘以 demoSpeed。',
    ),
  }),
  gateSamples: int(12, 1, 10_000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'So many measurements in a row must hold all gates before a running job may be replaced.',
      '替换运行中的作业之前，所有门槛须连续满足的测量次数。',
    ),
  }),
  gateSampleInterval: duration(
    SECOND,
    {
      scopes: ['system', 'view'],
      effect: 'now',
      sentence: text('Time between two measurements of the gates.', '两次门槛测量之间的时间。'),
    },
    SECOND,
    HOUR,
  ),
  compareSampleKeys: int(200, 0, 100_000, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'Before a cutover, new features are recomputed from the stream for so many keys and compared with what the new job serves.',
      '切换之前，从流中为这么多键重新计算新特征，并与新作业所提供的值比较。',
    ),
  }),
  compareTolerance: int(0, 0, 100, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'So many percent of the compared keys of a new feature may differ, be missing or be too many. Kept features must be equal.',
      '新特征所比较的键中，允许有差异、缺失或多余的百分比。保留的特征必须相等。',
    ),
  }),
  releaseMode: choice(['automatic', 'gated'], 'gated', {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'How a release that replaces a running job goes on when it is ready: by itself, or when a person cuts over. The first release of a view needs nobody.',
      '替换运行中作业的发布就绪后如何继续：自动，或由人手动切换。视图的首次发布无需人工。',
    ),
  }),
  releaseApproval: toggle(false, {
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'A release that replaces a running job needs the approval of a second person before it cuts over. Kept with the release as it was when it was asked for.',
      '替换运行中作业的发布在切换前须由另一人批准。以提出发布时的设置为准。',
    ),
  }),
  cutoverHours: {
    kind: 'hours',
    schema: z.string().max(200),
    default: 'any',
    bounds: {},
    scopes: ['system', 'view'],
    effect: 'now',
    sentence: text(
      'Hours in which a running job may be replaced, such as "Mon-Fri 09:00-17:00 Europe/Berlin"; without a zone they are UTC. Outside of them a release that is ready waits. A roll back is possible at any hour.',
      '允许替换运行中作业的时段，例如 "Mon-Fri 09:00-17:00 Asia/Shanghai"；不写时区即为 UTC。时段之外，就绪的发布会等待。回滚不受限制。',
    ),
  } satisfies Spec<string> as Spec<string>,
  backfillThrottle: duration(
    2 * SECOND,
    {
      scopes: ['system', 'view'],
      effect: 'now',
      sentence: text(
        'How far the running job may fall behind during a backfill: from half of this on the backfill holds still, so that live values stay fresh.',
        '回填期间运行中作业允许的落后：达到一半时回填暂停，以保证实时值的新鲜。',
      ),
    },
    0,
    DAY_MS,
  ),
  soakTime: duration(
    30 * MINUTE,
    {
      scopes: ['system', 'view'],
      effect: 'now',
      sentence: text(
        'How long the old job stays warm after a cutover, so that a roll back takes a second.',
        '切换后旧作业保持热备的时长，其间回滚只需一秒。',
      ),
    },
    0,
    30 * DAY_MS,
  ),
  restartBackoff: {
    kind: 'durationRange',
    default: { fromMs: SECOND, toMs: MINUTE },
    bounds: { min: 10, max: DAY_MS },
    schema: z
      .object({ fromMs: durationSchema(10, DAY_MS), toMs: durationSchema(10, DAY_MS) })
      .refine(({ fromMs, toMs }) => fromMs <= toMs, 'the first pause is longer than the longest'),
    scopes: ['system'],
    effect: 'now',
    sentence: text(
      'Pause before a failed job is started again: the first one, doubling up to the longest.',
      '失败作业重启前的等待时间：从最短开始，逐次加倍直至最长。',
    ),
  } satisfies Spec<DurationRange> as Spec<DurationRange>,
  demoSpeed: {
    kind: 'factor',
    schema: z.number().min(0.1).max(1_000_000),
    default: 600,
    bounds: { min: 0.1, max: 1_000_000 },
    scopes: ['system'],
    effect: 'now',
    sentence: text('How many times faster than life the flights of the demo are replayed.', '演示航班的回放速度，为真实速度的多少倍。'),
  } satisfies Spec<number> as Spec<number>,
  logLevel: choice(['debug', 'info', 'warn', 'error'], 'info', {
    scopes: ['system'],
    effect: 'now',
    sentence: text('Least severity that is logged.', '记录日志的最低级别。'),
  }),
} as const

export type ParameterKey = keyof typeof PARAMETERS
export type ParameterValue<K extends ParameterKey = ParameterKey> = (typeof PARAMETERS)[K] extends Spec<infer T> ? T : never
export const PARAMETER_KEYS = Object.keys(PARAMETERS) as ParameterKey[]

export function isParameterKey(key: string): key is ParameterKey {
  return Object.hasOwn(PARAMETERS, key)
}

/** A parameter as screens and API list it. `default` is in the kept form; with two (by order), the one for `arrival`. */
export function describeParameter(key: ParameterKey, order: 'arrival' | 'event_time' = 'arrival') {
  const { kind, scopes, effect, sentence, bounds } = PARAMETERS[key]
  return {
    key,
    type: kind as string,
    unit: UNITS[kind],
    default: defaultOf(key, order),
    scopes: [...scopes],
    effect,
    sentence,
    bounds: { ...bounds, ...(bounds.values && { values: [...bounds.values] }) },
  }
}

export function defaultOf<K extends ParameterKey>(key: K, order: 'arrival' | 'event_time'): ParameterValue<K> {
  const value: unknown = PARAMETERS[key].default
  const byOrder = typeof value === 'object' && value !== null && 'event_time' in value
  return (byOrder ? (value as Record<string, unknown>)[order] : value) as ParameterValue<K>
}

export type ReadParameter<K extends ParameterKey = ParameterKey> = { ok: true; value: ParameterValue<K> } | { ok: false; message: string }

/** Reads what a person, a file or the API gives: the kept form, or text (`90 seconds`, `2 GiB`, `on`). */
export function readParameter<K extends ParameterKey>(key: K, input: unknown): ReadParameter<K> {
  const { kind, schema, bounds } = PARAMETERS[key]
  let value: unknown
  try {
    value = readValue(kind, input)
  } catch (error) {
    return { ok: false, message: `${key}: ${error instanceof Error ? error.message : String(error)}` }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data as ParameterValue<K> }
  if (bounds.values) return { ok: false, message: `${key} is one of ${bounds.values.join(', ')}` }
  const outside =
    typeof value === 'number' && ((bounds.min !== undefined && value < bounds.min) || (bounds.max !== undefined && value > bounds.max))
  if (outside) return { ok: false, message: `${key} is from ${formatValue(kind, bounds.min)} to ${formatValue(kind, bounds.max)}` }
  return { ok: false, message: `${key}: ${parsed.error.issues[0]?.message ?? 'this value does not fit'}` }
}

/** What a person reads for a value in the kept form. */
export function formatParameter(key: ParameterKey, value: unknown): string {
  return formatValue(PARAMETERS[key].kind, value)
}

export type ParameterSource = 'default' | 'system' | 'stream' | 'view' | 'hint' | 'job'
export type Effective<T> = { value: T; source: ParameterSource; ignored?: { source: ParameterSource; message: string } }
export type EffectiveParameters = { [K in ParameterKey]: Effective<ParameterValue<K>> }
type Layer = Readonly<Record<string, unknown>>
export type Layers = { system?: Layer; stream?: Layer; view?: Layer; job?: Layer; hints?: Hints }

/**
 * The value in force for each parameter and where it comes from: job before hint before view before stream before system
 * before the default. A stored value that no longer fits is passed over, and named in `ignored`.
 */
export function resolveParameters(layers: Layers): EffectiveParameters {
  const order = resolveOne('order', layers, 'arrival')
  const entries = PARAMETER_KEYS.map((key) => [key, key === 'order' ? order : resolveOne(key, layers, order.value)])
  return Object.fromEntries(entries) as EffectiveParameters
}

function resolveOne<K extends ParameterKey>(key: K, layers: Layers, order: 'arrival' | 'event_time'): Effective<ParameterValue<K>> {
  const scopes: readonly string[] = PARAMETERS[key].scopes
  let ignored: Effective<unknown>['ignored']
  const sources: [ParameterSource, Layer | undefined][] = [
    ['job', layers.job],
    ['hint', layers.hints as Layer | undefined],
    ['view', layers.view],
    ['stream', layers.stream],
    ['system', layers.system],
  ]
  for (const [source, layer] of sources) {
    const given = layer && Object.hasOwn(layer, key) ? layer[key] : undefined
    if (given === undefined || (given === null && key !== 'historyEventTime') || !scopes.includes(source === 'hint' ? 'view' : source))
      continue
    const read = readParameter(key, given)
    if (read.ok) return { value: read.value, source, ...(ignored && { ignored }) }
    ignored = { source, message: read.message }
  }
  return { value: defaultOf(key, order), source: 'default', ...(ignored && { ignored }) }
}

/** The effective values as a job's process takes them: durations in ms, the shape of `JobParameters` in contract/job-ipc.ts. */
export function toJobParameters(effective: EffectiveParameters) {
  const e = effective
  return {
    order: e.order.value,
    readClock: e.readClock.value,
    outOfOrdernessMs: e.outOfOrderness.value,
    allowedLatenessMs: e.allowedLateness.value,
    idleTimeoutMs: e.idleTimeout.value,
    futureSkewMs: e.futureSkew.value,
    ttlMs: e.ttl.value,
    checkpointIntervalMs: e.checkpointInterval.value,
    checkpointTimeoutMs: e.checkpointTimeout.value,
    checkpointMinPauseMs: e.checkpointMinPause.value,
    checkpointTolerableFailures: e.checkpointTolerableFailures.value,
    checkpointRetention: e.checkpointRetention.value,
    batchSize: e.batchSize.value,
    memoryLimitBytes: e.memoryLimit.value,
    deadLetterRateLimit: e.deadLetterRateLimit.value,
    historyEventTimeMs: e.historyEventTime.value,
    onlineStore: e.onlineStore.value,
    history: e.history.value,
    historyRetentionMs: e.historyRetention.value,
    parallelBy: e.parallelBy.value,
    logLevel: e.logLevel.value,
  }
}
