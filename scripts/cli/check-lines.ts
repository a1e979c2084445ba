/** The check of a release as lines of text, one thing a line. Pure. */
import type { ReleaseCheck } from '../../contract/release-check.ts'
import { fill } from '../../contract/told.ts'

export function checkLines(check: ReleaseCheck): string[] {
  const { reading, memory, features, archive } = check
  const width = Math.max(0, ...features.map(({ name }) => name.length))
  return [
    `${check.view} v${check.fromVersion ?? '–'} → v${check.toVersion}: ${check.kind}`,
    ...(check.readsAgain ? [`the stream is read again: ${check.readsAgain.text}`] : []),
    ...features.map(({ name, fate, why }) => `  ${name.padEnd(width)}  ${fate.padEnd(7)}  ${why.text}`),
    ...check.tables.map(({ kind, fate, columns }) => {
      const built = columns.filter(({ reused }) => !reused).map(({ expr }) => expr)
      return `  table ${kind}: ${fate}${fate === 'extended' && built.length > 0 ? `, with ${built.join(', ')} built` : ''}`
    }),
    ...(archive
      ? [
          fill('reads: {rows} rows of the archive, from {fromMs} up to {untilMs}, then', {
            rows: archive.rows,
            fromMs: archive.minEventTimeMs,
            untilMs: archive.cutAtMs,
          }),
        ]
      : []),
    `reads: ${reading.events} events of the log${reading.from === 'backfill' ? ', up to the savepoint' : ''}`,
    `time: ${timeText(reading)}`,
    `memory: ${memoryText(memory)}`,
    ...check.consumers.map(({ text }) => `readers: ${text}`),
    ...check.warnings.map(({ text }) => `to know: ${text}`),
    ...check.refusals.map(({ why, way }) => `REFUSED: ${why.text} ${way.text}`),
  ]
}

function timeText({ tookMs, eventsPerSecond, measuredBy }: ReleaseCheck['reading']): string {
  if (tookMs === null) return 'not known: nobody has measured yet how fast this stream is read'
  if (eventsPerSecond === null) return 'none to speak of'
  return fill('about {tookMs}, at {rate} events/s as release {measuredBy} read', {
    tookMs,
    rate: Math.round(eventsPerSecond),
    measuredBy: measuredBy ?? '–',
  })
}

function memoryText({ estimateBytes, limitBytes, isLeast, basis }: ReleaseCheck['memory']): string {
  if (estimateBytes === null) return basis.text
  return fill(`${isLeast ? 'at least' : 'about'} {estimateBytes} of {limitBytes}. ${basis.text}`, { estimateBytes, limitBytes })
}
