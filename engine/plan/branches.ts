/** The SELECTs of a union as the plan reads them: only what the view asks for of each stream. */
import type { Expr, Field, SourceSchema, StreamSchema, ViewDefinition } from '../../definition/model.ts'
import { fieldsIn } from './fields-in.ts'

export interface PlannedBranch {
  readonly stream: StreamSchema
  /** the fields that are read from an event of this stream, in slot order */
  readonly fields: readonly Field[]
  /** what each of the plan's fields is here, by its slot */
  readonly columns: readonly Expr[]
  readonly where: Expr | undefined
}

/** `fields`: those that the plan reads. Null: one stream, which is read as it is. */
export function planBranches(
  { union }: ViewDefinition,
  { name, branches }: SourceSchema,
  fields: readonly Field[],
): readonly PlannedBranch[] | null {
  if (!union) return null
  return union.map(({ columns, where }, b) => {
    const stream = branches?.[b]
    if (!stream) throw new Error(`the stream of branch ${b} of ${name} is not known`)
    const own = fields.map((field) => {
      const column = columns.find((candidate) => candidate.name === field.name)
      if (!column) throw new Error(`branch ${b} of ${name} has no column ${field.name}`)
      return column.expr
    })
    const names = new Set([...own, ...(where ? [where] : [])].flatMap(fieldsIn))
    return { stream, fields: stream.fields.filter((field) => names.has(field.name)), columns: own, where }
  })
}
