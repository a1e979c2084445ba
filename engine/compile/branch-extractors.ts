/**
 * Record bytes of a union's branch → the plan's fields. As with one stream, what is wrong with an event is judged before any WHERE: the
 * event time and the key at once, the other columns once the branch's WHERE has let the event through.
 */
import { compileByteExtractor, type ByteExtractor } from './byte-extractor.ts'
import { type CompiledBranch, compileBranch } from './branch.ts'
import { compileExtractor, type Extractor, type ReadFields, type Refusal } from './extract.ts'
import { FieldColumns } from './field-columns.ts'
import type { Plan } from '../plan/plan.ts'
import type { Counters, Value } from './value.ts'

export interface BranchExtractor {
  /** Reads the event; null, or why it is refused. end < 0: a null record. */
  extract(data: Uint8Array, start: number, end: number): Refusal | null
  /** Whether the branch's WHERE lets the event through that was read last; if so, all of its fields are there. */
  passes(): boolean
}

export type UnionFields = ReadFields & Pick<Plan, 'branches'>

/** By branch; null: the plan reads one stream. Into `out`, by slot of the plan's fields. */
export function rowBranches(plan: UnionFields, counters: Counters, out: Value[]): readonly BranchExtractor[] | null {
  return plan.branches?.map((branch) => new RowBranch(compileBranch(plan, branch, counters), out)) ?? null
}

/** The same into row 0 of typed columns. */
export function columnBranches(plan: UnionFields, counters: Counters, out: FieldColumns): readonly BranchExtractor[] | null {
  return plan.branches?.map((branch) => new ColumnBranch(compileBranch(plan, branch, counters), plan.eventTimeSlot, out)) ?? null
}

class RowBranch implements BranchExtractor {
  private readonly branch: CompiledBranch
  private readonly extractor: Extractor
  private readonly row: Value[] = []
  private readonly out: Value[]

  constructor(branch: CompiledBranch, out: Value[]) {
    this.branch = branch
    this.extractor = compileExtractor(branch.read)
    this.out = out
  }

  extract(data: Uint8Array, start: number, end: number): Refusal | null {
    const { branch, row, out } = this
    const refusal = this.extractor.extract(data, start, end, row)
    if (refusal) return refusal
    for (const slot of branch.judged) {
      const value = branch.column(slot, row)
      const refused = branch.refusal(slot, value === null, Number(value))
      if (refused) return refused
      out[slot] = value
    }
    return null
  }

  passes(): boolean {
    const { branch, row, out } = this
    if (!branch.passes(row)) return false
    for (const slot of branch.others) out[slot] = branch.column(slot, row)
    return true
  }
}

class ColumnBranch implements BranchExtractor {
  private readonly branch: CompiledBranch
  private readonly eventTimeSlot: number
  private readonly fields: FieldColumns
  private readonly extractor: ByteExtractor
  private readonly row: Value[]
  private readonly out: FieldColumns

  constructor(branch: CompiledBranch, eventTimeSlot: number, out: FieldColumns) {
    this.branch = branch
    this.eventTimeSlot = eventTimeSlot
    this.fields = new FieldColumns(branch.read, 1)
    this.extractor = compileByteExtractor(branch.read, this.fields)
    this.row = branch.read.fields.map(() => null)
    this.out = out
  }

  extract(data: Uint8Array, start: number, end: number): Refusal | null {
    const { branch, fields, out } = this
    fields.begin(data)
    const refusal = this.extractor.extract(data, start, end, 0)
    if (refusal) return refusal
    for (const slot of branch.judged) {
      this.put(slot)
      const timeMs = slot === this.eventTimeSlot ? out.numbers[slot]![0]! : 0
      const refused = branch.refusal(slot, out.isNull(slot, 0), timeMs)
      if (refused) return refused
    }
    return null
  }

  passes(): boolean {
    const { branch, fields, row } = this
    fields.getRow(0, row, branch.whereReads)
    if (!branch.passes(row)) return false
    for (const slot of branch.others) this.put(slot)
    return true
  }

  private put(slot: number): void {
    const { branch, fields, row, out } = this
    const bare = branch.bare[slot]!
    if (bare >= 0) out.copy(slot, 0, fields, bare)
    else {
      fields.getRow(0, row, branch.reads[slot]!)
      out.set(slot, 0, branch.column(slot, row))
    }
  }
}
