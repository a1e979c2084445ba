/** A branch of a union, compiled: its columns as the view sees them, cast to the union's types, and its WHERE. */
import type { PlannedBranch } from '../plan/branches.ts'
import { fieldsIn } from '../plan/fields-in.ts'
import { compileExpr, CompileError, type Run, type Scope } from './expr.ts'
import { missing, outOfRange, type ReadFields, type Refusal } from './extract.ts'
import { coerced } from './typed.ts'
import type { Counters, Value } from './value.ts'

export interface CompiledBranch {
  /** what is read of an event of its stream */
  readonly read: ReadFields
  /** Slots of the plan's fields without which an event is refused: the event time and the key. */
  readonly judged: readonly number[]
  readonly others: readonly number[]
  /** by slot of the plan's fields: the slot of the stream's field that it is, as it stands; −1: it is computed */
  readonly bare: readonly number[]
  /** by slot of the plan's fields: slots of the stream's fields that it is computed of */
  readonly reads: readonly (readonly number[])[]
  readonly whereReads: readonly number[]
  column(slot: number, row: readonly Value[]): Value
  /** Of a judged slot; `timeMs` of the event time. */
  refusal(slot: number, isNull: boolean, timeMs: number): Refusal | null
  passes(row: readonly Value[]): boolean
}

export function compileBranch(plan: ReadFields, { stream, fields, columns, where }: PlannedBranch, counters: Counters): CompiledBranch {
  const slotOf = (name: string) => fields.findIndex((field) => field.name === name)
  const scope = branchScope(slotOf, fields, counters)
  const runs = columns.map((expr, slot): Run => coerced(compileExpr(expr, scope), plan.fields[slot]!.type, counters))
  const condition = where ? compileExpr(where, scope).run : null
  const isJudged = (slot: number) => slot === plan.eventTimeSlot || plan.keySlots.includes(slot)
  const slots = columns.map((_, slot) => slot)
  const bare = columns.map((expr, slot) => {
    const from = expr.kind === 'field' ? slotOf(expr.name) : -1
    return from >= 0 && fields[from]!.type === plan.fields[slot]!.type ? from : -1
  })
  return {
    read: { stream, fields, keySlots: plan.keySlots.flatMap((slot) => (bare[slot]! < 0 ? [] : bare[slot]!)), eventTimeSlot: -1 },
    judged: slots.filter(isJudged),
    others: slots.filter((slot) => !isJudged(slot)),
    bare,
    reads: columns.map((expr) => fieldsIn(expr).map(slotOf)),
    whereReads: where ? fieldsIn(where).map(slotOf) : [],
    column(slot, row) {
      const value = runs[slot]!(row, [], [])
      return value === 0 ? 0 : value // −0 and 0 are one value
    },
    refusal(slot, isNull, timeMs) {
      const { name } = plan.fields[slot]!
      if (isNull) return missing(name, slot !== plan.eventTimeSlot, true)
      return slot === plan.eventTimeSlot ? outOfRange(name, timeMs) : null
    },
    passes: (row) => condition === null || condition(row, [], []) === true,
  }
}

function branchScope(slotOf: (name: string) => number, fields: PlannedBranch['fields'], counters: Counters): Scope {
  const refuse = (what: string) => () => {
    throw new CompileError(`${what} stands in a branch of a union`)
  }
  return {
    counters,
    field: (name) => ({ slot: slotOf(name), type: fields[slotOf(name)]!.type }),
    aggregate: refuse('an aggregate'),
    code: refuse('a feature in TypeScript'),
    feature: refuse('a column of the view'),
    windowEdge: refuse('an edge of a window'),
  }
}
