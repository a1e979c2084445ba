/**
 * Prepare, then draw: samples as they come → aligned columns for the chart and rows for its table twin.
 * A gap is a gap: a sample that is unknown, or a hole in time, is null in the columns and never zero or a straight line.
 */
export type Sample = { readonly atMs: number; readonly values: readonly (number | null)[] }

/** x in seconds since the epoch (as uPlot wants it), then one column per series. */
export type Columns = [xSeconds: number[], ...series: (number | null)[][]]

/** Appends in order of time, drops what is older than `keepMs` and what came twice; never changes the array given. */
export function collect(samples: readonly Sample[], next: Sample, keepMs: number): Sample[] {
  const last = samples.at(-1)
  if (last && next.atMs <= last.atMs) return samples as Sample[]
  const from = next.atMs - keepMs
  const kept = samples.filter((sample) => sample.atMs >= from)
  kept.push(next)
  return kept
}

/** Two samples further apart than `gapMs` get an empty point between them, so that no line is drawn over what nobody saw. */
export function toColumns(samples: readonly Sample[], seriesCount: number, gapMs: number): Columns {
  const x: number[] = []
  const series: (number | null)[][] = Array.from({ length: seriesCount }, () => [])
  let previousMs: number | undefined
  for (const sample of samples) {
    if (previousMs !== undefined && sample.atMs - previousMs > gapMs) {
      x.push((previousMs + sample.atMs) / 2000)
      for (const column of series) column.push(null)
    }
    x.push(sample.atMs / 1000)
    for (const [i, column] of series.entries()) {
      const value = sample.values[i]
      column.push(value === undefined || value === null || !Number.isFinite(value) ? null : value)
    }
    previousMs = sample.atMs
  }
  return [x, ...series]
}

/** The y range: 0 below unless values are negative, head-room above, room for a threshold line; a flat zero line gets 0..1. */
export function yRange(columns: Columns, threshold: number | null): [number, number] {
  let low = 0
  let high = threshold ?? 0
  for (const column of columns.slice(1)) {
    for (const value of column) {
      if (value === null) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low === high ? [low, low + 1] : [low, high + (high - low) * 0.1]
}

/** y range around the values themselves, for quantities such as instants where zero means nothing. */
export function tightRange(columns: Columns): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const column of columns.slice(1)) {
    for (const value of column) {
      if (value === null) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  if (low > high) return [0, 1]
  return low === high ? [low - 1, high + 1] : [low - (high - low) * 0.05, high + (high - low) * 0.05]
}

/** Rows of the table twin, newest first, at most `limit`: every n-th sample so that the whole range is covered. */
export function toRows(samples: readonly Sample[], limit: number): Sample[] {
  const every = Math.max(1, Math.ceil(samples.length / limit))
  const rows: Sample[] = []
  for (let i = samples.length - 1; i >= 0; i -= every) {
    const sample = samples[i]
    if (sample) rows.push(sample)
  }
  return rows
}
