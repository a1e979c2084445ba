/**
 * The state of a changed view out of two: what was kept, from a savepoint, and what was built for it from the log up to the same
 * positions. Kept rows stay as they are and get the built columns of the same event; older rows that a longer window needs come from
 * what was built. Pure; a key at a time.
 */
import type { Base, CompiledAggregate } from '../compile/aggregates.ts'
import { type StateChange, isLifetime } from '../plan/state-change.ts'
import type { Plan } from '../plan/plan.ts'
import type { Value } from '../sink/port.ts'
import type { WaitingRow } from './codec.ts'
import { KeyRows } from './key-rows.ts'

/** A side's plan with what absorbs its rows. */
export interface PlanOfState {
  readonly plan: Plan
  readonly aggregates: readonly CompiledAggregate[]
}

export interface KeysOfGroup {
  readonly keys: readonly KeyRows[]
  readonly waiting: readonly WaitingRow[]
}

export interface MergeParts {
  readonly wanted: PlanOfState
  readonly kept: PlanOfState & { readonly change: StateChange }
  /** rows up to it are what was built from an archive, whatever was kept; null: there was none */
  readonly archiveCutMs: number | null
  /** null: the kept state covers all */
  readonly built: (PlanOfState & { readonly change: StateChange }) | null
}

type ColumnsAt = (row: { partition: number; offset: number }) => readonly Value[] | undefined

export function mergeGroup(group: number, kept: KeysOfGroup, built: KeysOfGroup | null, parts: MergeParts): KeysOfGroup {
  const builtByKey = new Map(built?.keys.map((rows) => [rows.key, rows]))
  const onlyBuilt = new Set(builtByKey.keys())
  const builtWaiting = new Map(built?.waiting.map((row) => [positionText(row), row.columns]))
  const stillWaiting = new Set(kept.waiting.map(positionText))
  const columnsBuilt = (rows: KeyRows | undefined): ColumnsAt => {
    const byPosition = new Map<string, number>()
    for (let i = rows?.head ?? 0; i < (rows?.times.length ?? 0); i++)
      byPosition.set(positionText({ partition: rows!.partitions[i]!, offset: rows!.offsets[i]! }), i)
    return (row) => {
      const i = byPosition.get(positionText(row))
      return i === undefined ? builtWaiting.get(positionText(row)) : rows!.rowAt(i)
    }
  }
  const merged = new Merger(group, parts, stillWaiting)
  const keys: KeyRows[] = []
  for (const rows of kept.keys) {
    const other = builtByKey.get(rows.key)
    keys.push(merged.key(rows, other, columnsBuilt(other)))
    onlyBuilt.delete(rows.key)
  }
  // Seen by the backfill alone: the kept job began later than the log does.
  for (const key of onlyBuilt) {
    const rows = builtByKey.get(key)!
    if (rows.applied > 0) keys.push(merged.key(null, rows, columnsBuilt(rows)))
  }
  const waiting = kept.waiting.map((row) => {
    const columns = columnsBuilt(builtByKey.get(row.key))(row)
    return { ...row, columns: merged.columns(row.columns, columns) }
  })
  return { keys, waiting }
}

const positionText = ({ partition, offset }: { partition: number; offset: number }) => `${partition}:${offset}`

class Merger {
  private readonly group: number
  private readonly parts: MergeParts
  private readonly stillWaiting: ReadonlySet<string>

  constructor(group: number, parts: MergeParts, stillWaiting: ReadonlySet<string>) {
    this.group = group
    this.parts = parts
    this.stillWaiting = stillWaiting
  }

  /** A row's columns in the wanted plan's order; what neither side has is NULL. */
  columns(kept: readonly Value[] | undefined, built: readonly Value[] | undefined): Value[] {
    const builtAt = this.parts.built?.change.columns
    return this.parts.kept.change.columns.map((at, c) => {
      if (at >= 0 && kept) return kept[at]!
      const other = builtAt?.[c] ?? -1
      return other >= 0 && built ? built[other]! : null
    })
  }

  key(kept: KeyRows | null, built: KeyRows | undefined, columnsBuilt: ColumnsAt): KeyRows {
    if (kept && built && !this.parts.kept.change.isDeeper) this.dropAlike(kept, built)
    const { wanted } = this.parts
    const from = kept ?? built!
    const out = new KeyRows(from.key, this.group, wanted.plan.columns.length)
    const put = (side: KeyRows, i: number, columns: readonly Value[]) => {
      out.times.push(side.times[i]!)
      out.partitions.push(side.partitions[i]!)
      out.offsets.push(side.offsets[i]!)
      for (let c = 0; c < columns.length; c++) out.columns[c]!.push(columns[c]!)
    }
    if (built)
      for (let i = built.head; i < built.times.length; i++) {
        const position = { partition: built.partitions[i]!, offset: built.offsets[i]! }
        const isOlder = !kept || this.isArchived(built.times[i]!) || (kept.dropped !== null && built.times[i]! <= kept.dropped.timeMs)
        if (isOlder && !this.stillWaiting.has(positionText(position))) put(built, i, this.columns(undefined, built.rowAt(i)))
      }
    if (kept)
      for (let i = kept.head; i < kept.times.length; i++) {
        if (this.isArchived(kept.times[i]!)) continue
        const position = { partition: kept.partitions[i]!, offset: kept.offsets[i]! }
        put(kept, i, this.columns(kept.rowAt(i), columnsBuilt(position)))
      }
    out.dropped = this.dropped(kept, built)
    out.bases = this.bases(kept, built)
    out.asOfMs = from.asOfMs
    out.asOfPartition = from.asOfPartition
    out.asOfOffset = from.asOfOffset
    out.applied = from.applied
    out.settledMs = from.settledMs
    return out
  }

  private isArchived(timeMs: number): boolean {
    const { archiveCutMs } = this.parts
    return archiveCutMs !== null && timeMs <= archiveCutMs
  }

  /** Both sides take into their bases what one of them has: then the bases of either stand for the same rows. */
  private dropAlike(kept: KeyRows, built: KeyRows): void {
    const beforeMs = 1 + Math.max(kept.dropped?.timeMs ?? Number.NEGATIVE_INFINITY, built.dropped?.timeMs ?? Number.NEGATIVE_INFINITY)
    if (!Number.isFinite(beforeMs)) return
    for (const [rows, { plan, aggregates }] of [
      [kept, this.parts.kept],
      [built, this.parts.built!],
    ] as const)
      rows.dropBefore(
        beforeMs,
        plan.aggregates,
        aggregates,
        plan.aggregates.map((aggregate) => isLifetime(plan, aggregate)),
      )
  }

  private dropped(kept: KeyRows | null, built: KeyRows | undefined): KeyRows['dropped'] {
    const reachesFurther = this.parts.kept.change.isDeeper || this.parts.archiveCutMs !== null
    const oldest = reachesFurther && built ? built.dropped : (kept?.dropped ?? (kept ? null : (built?.dropped ?? null)))
    if (!oldest) return null
    const isKept = oldest === kept?.dropped
    const other = isKept && built?.dropped?.timeMs === oldest.timeMs ? built.dropped.columns : undefined
    return { timeMs: oldest.timeMs, columns: isKept ? this.columns(oldest.columns, other) : this.columns(undefined, oldest.columns) }
  }

  private bases(kept: KeyRows | null, built: KeyRows | undefined): (Base | null)[] | null {
    if (!kept?.bases && !built?.bases) return null
    const { wanted } = this.parts
    return wanted.plan.aggregates.map((aggregate, a) => {
      if (!isLifetime(wanted.plan, aggregate)) return null
      const ofKept = this.parts.kept.change.bases[a]!
      const ofBuilt = this.parts.built?.change.bases[a] ?? -1
      const found = ofKept >= 0 && kept ? kept.bases?.[ofKept] : ofBuilt >= 0 ? built?.bases?.[ofBuilt] : undefined
      return found ?? wanted.aggregates[a]!.newBase()
    })
  }
}
