/** What a bench answers, and the machine it ran on. */
import { cpus, totalmem } from 'node:os'
import type { Product } from '../../e2e/support/product.ts'

export type Bar = { atMost: number } | { atLeast: number }

export type Measured = {
  name: string
  value: number
  unit: string
  bar: Bar | null
  baseline?: { value: number; what: string }
  note?: string
}

/** As `--json` writes it. `ratio`: how many times better than the baseline, whichever way is better. */
export type Row = {
  name: string
  value: number
  unit: string
  baseline: number | null
  ratio: number | null
  bar: string | null
  pass: boolean | null
}

export type Context = {
  /** a product without the demo, shared by the benches of one run; its stream `flights` holds what `ingest-http` sent */
  product: () => Promise<Product>
  say: (text: string) => void
  /** what takes minutes is to take its whole time */
  long: boolean
}

export type Bench = (context: Context) => Promise<Measured[]>

export function toRow({ name, value, unit, bar, baseline }: Measured): Row {
  const lowerIsBetter = bar !== null && 'atMost' in bar
  const ratio = baseline ? (lowerIsBetter ? baseline.value / value : value / baseline.value) : null
  return {
    name,
    value: rounded(value),
    unit,
    baseline: baseline ? rounded(baseline.value) : null,
    ratio: ratio === null ? null : rounded(ratio),
    bar: bar === null ? null : 'atMost' in bar ? `< ${bar.atMost}` : `≥ ${bar.atLeast}`,
    pass: bar === null ? null : 'atMost' in bar ? value < bar.atMost : value >= bar.atLeast,
  }
}

const rounded = (value: number) => (Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)))

export function table(rows: readonly Row[]): string {
  const head = ['name', 'value', 'unit', 'baseline', 'ratio', 'bar', 'pass']
  const text = (value: unknown) =>
    value === null
      ? '–'
      : typeof value === 'number'
        ? value.toLocaleString('en-US', { maximumFractionDigits: 3 })
        : value === true
          ? 'yes'
          : value === false
            ? 'NO'
            : String(value)
  const cells = rows.map((row) => [
    row.name,
    text(row.value),
    row.unit,
    text(row.baseline),
    row.ratio === null ? '–' : `${text(row.ratio)} ×`,
    row.bar ?? '–',
    text(row.pass),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((line) => line[column]!.length)))
  const line = (parts: readonly string[]) => `| ${parts.map((part, column) => part.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n')
}

export function machine(): string {
  const cores = cpus()
  return `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB memory, ${process.platform} ${process.arch}`
}

/** The value below which the given share of the sorted samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
