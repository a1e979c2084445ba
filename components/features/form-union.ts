/** The streams of a union as the form has them: a column a line, a stream a column, what stands between is text. Pure. */
import type { Stream } from '../../contract/http-api.ts'
import { quoteName } from '../../definition/identifiers.ts'
import { type Field, UNION_EVENT_TIME, type UnionBranch } from '../../definition/model.ts'
import { printExpr } from '../../definition/print-sql.ts'

/** `values`: what each column is in this stream, in the order of `FormUnion.columns`. */
export type FormBranch = { stream: string; where: string; values: string[] }
export type FormUnion = { columns: string[]; branches: FormBranch[] }
type Source = Pick<Stream, 'name' | 'fields' | 'eventTime'>

export function unionOf(union: readonly UnionBranch[]): FormUnion {
  return {
    columns: union[0]?.columns.map(({ name }) => name) ?? [],
    branches: union.map(({ stream, where, columns }) => ({
      stream,
      where: where ? printExpr(where) : '',
      values: columns.map(({ expr }) => printExpr(expr)),
    })),
  }
}

// A line break inside a field would shift the lines below it.
const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ').trim()

/** The SELECT of each stream, one a line. */
export function branchLines({ columns, branches }: FormUnion): string[] {
  return branches.map(({ stream, where, values }) => {
    const named = columns.map((name, c) => {
      const value = oneLine(values[c] ?? '') || 'NULL'
      return value === quoteName(name) ? value : `${value} AS ${quoteName(name)}`
    })
    return `SELECT ${named.join(', ')} FROM ${quoteName(stream)}${oneLine(where) ? ` WHERE ${oneLine(where)}` : ''}`
  })
}

/** A second stream beside the one: its fields become columns, and its event time the union's. */
export function unionWith(first: Source, second: Source): FormUnion {
  const columns = first.fields.map(({ name }) => (name === first.eventTime ? UNION_EVENT_TIME : name))
  const values = first.fields.map(({ name }) => quoteName(name))
  return withBranch({ columns, branches: [{ stream: first.name, where: '', values }] }, second)
}

/** Fields of the same name go together; what the stream lacks is NULL until somebody says otherwise. */
export function withBranch(union: FormUnion, stream: Source): FormUnion {
  return { ...union, branches: [...union.branches, { stream: stream.name, where: '', values: valuesOf(union.columns, stream) }] }
}

export function withStream(union: FormUnion, at: number, stream: Source): FormUnion {
  const branch = { stream: stream.name, where: '', values: valuesOf(union.columns, stream) }
  return { ...union, branches: union.branches.map((one, b) => (b === at ? branch : one)) }
}

export function withColumn(union: FormUnion, name: string): FormUnion {
  return { columns: [...union.columns, name], branches: union.branches.map((one) => ({ ...one, values: [...one.values, 'NULL'] })) }
}

export function withoutColumn({ columns, branches }: FormUnion, at: number): FormUnion {
  const kept = <T>(items: readonly T[]) => items.filter((_, c) => c !== at)
  return { columns: kept(columns), branches: branches.map((one) => ({ ...one, values: kept(one.values) })) }
}

function valuesOf(columns: readonly string[], { fields, eventTime }: Source): string[] {
  return columns.map((column) => {
    if (column === UNION_EVENT_TIME) return quoteName(eventTime)
    const field = fields.find(({ name }) => name.toLowerCase() === column.toLowerCase())
    return field ? quoteName(field.name) : 'NULL'
  })
}

/** What the union looks like to the view: of each column the type of the first field that it is. */
export function columnsOf({ columns, branches }: FormUnion, streams: readonly Source[]): Field[] {
  return columns.map((name, c) => {
    if (name === UNION_EVENT_TIME) return { name, type: 'timestamp' }
    const types = branches.flatMap(({ stream, values }) => {
      const { fields } = streams.find((one) => one.name === stream) ?? { fields: [] }
      return fields.find((field) => quoteName(field.name) === values[c])?.type ?? []
    })
    return { name, type: types[0] ?? 'string' }
  })
}
