/** An event as the screen and DuckDB get it: with everything that its stream, or its branch of a union, has. */
import { branchOf } from '../../definition/union-partitions.ts'
import { rowBranches } from '../compile/branch-extractors.ts'
import { compileExtractor } from '../compile/extract.ts'
import { newCounters, type Value } from '../compile/value.ts'
import { planBranches } from '../plan/branches.ts'
import { planView } from '../plan/plan.ts'
import type { RecordBatch } from '../source/port.ts'
import type { PreviewTask } from './preview-task.ts'

/** Record i of the batch, by field of what the view sees; null: a branch of the union does not let it through. */
export type ReadWhole = (batch: RecordBatch, i: number) => Value[] | null

export function wholeEvents({ checked: { definition, stream } }: PreviewTask): ReadWhole {
  const { fields } = stream
  const all = { stream, fields, keySlots: [], eventTimeSlot: fields.findIndex((field) => field.name === stream.eventTime) }
  const plan = planView(definition, stream)
  const row: Value[] = []
  const ownRow: Value[] = []
  const branches = rowBranches({ ...all, branches: planBranches(definition, stream, fields) }, newCounters(), row)
  const ownBranches = rowBranches(plan, newCounters(), ownRow)
  const extractor = compileExtractor(all)
  const own = compileExtractor(plan)
  return ({ partition, data, valueStart, valueEnd }, i) => {
    const [start, end] = [valueStart[i] as number, valueEnd[i] as number]
    row.length = 0
    ownRow.length = 0
    if (branches && ownBranches) {
      const branch = branches[branchOf(partition)]!
      if (branch.extract(data, start, end) === null) return branch.passes() ? [...row] : null
      const ownBranch = ownBranches[branchOf(partition)]!
      if (ownBranch.extract(data, start, end) === null && !ownBranch.passes()) return null
    } else {
      if (extractor.extract(data, start, end, row) === null) return [...row]
      if (own.extract(data, start, end, ownRow) !== null) return [...row]
    }
    // A field that this view doesn't read may be bad; the event counts all the same, with what the view reads.
    const values = [...row]
    for (const [o, { name }] of plan.fields.entries()) values[fields.findIndex((field) => field.name === name)] = ownRow[o] ?? null
    return values
  }
}
