/** Prometheus metrics of the engine and its jobs, taken when asked for. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { JobMetrics } from '../../contract/job-ipc.ts'
import type { LiveJobs } from '../../contract/engine-api.ts'

export interface EngineMetrics {
  readonly ingested: Counter<'stream' | 'outcome'>
  readonly readSeconds: Histogram<'view'>
  /** reads of a view answered since the engine started */
  readsOf(view: string): Promise<number>
  text(live: LiveJobs): Promise<string>
}

const JOB_FIGURES: readonly [name: string, help: string, value: (metrics: JobMetrics) => number | null][] = [
  ['events_total', 'Events applied since the process started', (m) => m.eventsTotal],
  ['events_per_second', 'Events applied a second', (m) => m.eventsPerSecond],
  ['rows_per_second', 'Result rows a second', (m) => m.rowsPerSecond],
  ['lag_records', 'Events in the log that are not applied yet', (m) => m.lagRecords],
  ['max_event_time_ms', 'Newest event time applied, epoch ms', (m) => m.maxEventTimeMs],
  ['watermark_ms', 'Watermark, epoch ms', (m) => m.watermarkMs],
  ['dead_letters_total', 'Events refused since the process started', (m) => m.deadLetters],
  ['late_events_total', 'Events beyond the allowed lateness since the process started', (m) => m.lateEvents],
  ['keys', 'Keys held', (m) => m.keys],
  ['state_bytes', 'State held, bytes', (m) => m.stateBytes],
  ['heap_bytes', 'Heap of the process, bytes', (m) => m.heapBytes],
  ['forwarded_rows_total', 'Rows forwarded since the process started', (m) => m.forward?.forwarded ?? null],
  ['forward_refused_rows_total', 'Rows refused because another job has taken over', (m) => m.forward?.refused ?? null],
  ['forward_waiting_rows', 'Rows that wait for a checkpoint, or for the job that has the say', (m) => m.forward?.waitingRows ?? null],
  ['busy_share', 'Share of time at work, 0 to 1', (m) => m.busyShare],
]

export function engineMetrics(): EngineMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'evenflow_engine_' })
  const labelNames = ['job', 'view', 'version'] as const
  const gauges = JOB_FIGURES.map(([name, help, value]) => ({
    gauge: new Gauge({ name: `evenflow_job_${name}`, help, labelNames: [...labelNames], registers: [registry] }),
    value,
  }))
  const running = new Gauge({
    name: 'evenflow_job_running',
    help: '1 while the job is running',
    labelNames: [...labelNames, 'observed'],
    registers: [registry],
  })
  const restarts = new Gauge({
    name: 'evenflow_job_restarts',
    help: 'Unplanned restarts since the engine started',
    labelNames: [...labelNames],
    registers: [registry],
  })
  const readSeconds = new Histogram({
    name: 'evenflow_feature_read_seconds',
    help: 'Time to answer a read of features',
    labelNames: ['view'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
    registers: [registry],
  })
  return {
    ingested: new Counter({
      name: 'evenflow_ingested_events_total',
      help: 'Events that came in over HTTP',
      labelNames: ['stream', 'outcome'],
      registers: [registry],
    }),
    readSeconds,
    async readsOf(view) {
      const { values } = await readSeconds.get()
      return values.find(({ metricName, labels }) => metricName?.endsWith('_count') && labels.view === view)?.value ?? 0
    },
    async text(live) {
      for (const { gauge } of gauges) gauge.reset()
      running.reset()
      restarts.reset()
      for (const job of live.jobs) {
        const labels = { job: String(job.id), view: job.view, version: String(job.version) }
        running.set({ ...labels, observed: job.observed }, job.observed === 'RUNNING' ? 1 : 0)
        restarts.set(labels, job.restarts)
        if (!job.metrics) continue
        for (const { gauge, value } of gauges) {
          const figure = value(job.metrics)
          if (figure !== null) gauge.set(labels, figure)
        }
      }
      return registry.metrics()
    },
  }
}
