/** What the checks of expressions pass to each other. */
import type { CodeFeature, Expr, FieldType, Window } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import type { ExprType } from './types.ts'

export type Report = (code: ProblemCode, node: object, message: string, hint?: string, part?: string) => void

export type Scope = {
  fields: ReadonlyMap<string, FieldType>
  key: ReadonlySet<string>
  /** Columns defined so far, with type and whether they look at the key's latest event. */
  features: ReadonlyMap<string, { type: ExprType; latest: boolean }>
  /** All columns of the view, to tell a forward reference from an unknown name. */
  allFeatures: ReadonlySet<string>
  /** Columns that are nothing but the field of their own name: a reference to them is the field. */
  plainFields: ReadonlySet<string>
  windows: ReadonlyMap<string, Window>
  /** One row per key and window: aggregates are over the group window. */
  isGroup: boolean
  /** Features in TypeScript that may be called, and those that are. */
  code: readonly CodeFeature[]
  called: Set<CodeFeature>
  /** Expressions that could not be read; their problem is reported already. */
  unread: WeakSet<object>
  report: Report
}
/** Where the expression stands: in the select list, in WHERE, inside an aggregate, as an input of a feature in TypeScript, or as a union's column. */
export type Position = 'select' | 'where' | 'aggregate' | 'input' | 'branch'
export type Checked = { expr: Expr; type: ExprType; latest: boolean }

export type Sub = (child: Expr) => Checked
export type Done = (type: ExprType, result: Expr) => Checked
export type Need = (child: Checked, at: Expr, wanted: 'boolean' | 'string', what: string) => void

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `\`${name}\``)
  return names.length > 8 ? `${shown.join(', ')} …` : shown.join(', ')
}
