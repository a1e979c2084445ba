/** What a replay says about events that gave no line: a summary on stderr, everything in `--report`. */
import { streamPartition } from '../../definition/union-partitions.ts'
import type { ReplayResult } from './run.ts'

const SHOWN = 10

export function summary(result: ReplayResult): string[] {
  const lines: string[] = []
  for (const { view, streams, state } of result.views) {
    for (const [what, list, total] of [
      ['refused', state.deadLetters, state.counts.refused],
      ['too late', state.late, state.counts.late],
    ] as const) {
      if (total === 0) continue
      const byCode = new Map<string, number>()
      for (const { code } of list) byCode.set(code, (byCode.get(code) ?? 0) + 1)
      lines.push(
        `view ${view}: ${total} of ${state.counts.read} events ${what} (${[...byCode].map(([code, count]) => `${code} ${count}`).join(', ')})`,
      )
      for (const { partition, offset, code, message } of list.slice(0, SHOWN))
        lines.push(`  ${streamPartition(streams, partition).stream} line ${offset + 1} (offset ${offset}): ${code}: ${message}`)
      if (list.length > SHOWN) lines.push(`  … and ${list.length - SHOWN} more; --report FILE lists them all`)
    }
  }
  return lines
}

export function reportJson(result: ReplayResult): string {
  const { lines, blankLines, outputLines } = result
  const views = result.views.map(({ view, stream, streams, state, counters }) => ({
    view,
    stream,
    ...(streams.length > 1 && { streams }),
    events: state.counts,
    counters,
  }))
  const items = (kind: 'deadLetters' | 'late') =>
    result.views.flatMap(({ view, streams, state }) =>
      state[kind].map(({ partition, ...item }) => ({ view, ...streamPartition(streams, partition), ...item })),
    )
  return `${JSON.stringify({ lines, blankLines, outputLines, views, refused: items('deadLetters'), late: items('late') }, null, 2)}\n`
}
