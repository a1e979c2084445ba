/** What the readers of a tree pass to each other. */
import type { WindowDef } from 'libpg-query'
import type { Places } from './check-view.ts'
import type { CodeFeature, Expr } from './model.ts'
import type { ProblemCode } from './problem-codes.ts'
import type { SqlTokens } from './sql-tokens.ts'

export type ReadContext = {
  tokens: SqlTokens
  places: Places
  unread: WeakSet<object>
  /** Fields of the stream (none if it is unknown), and the columns of the view, defined so far and all. */
  fields: readonly string[]
  featuresSoFar: string[]
  allFeatures: readonly string[]
  /** The stream's event-time field, which `event_time` means where nothing else has this name. */
  eventTime: string | undefined
  /** Names that may qualify a field: the stream's, or its alias. */
  qualifiers: readonly string[]
  /** The view has GROUP BY: an aggregate stands without OVER, and the row's window has edges. */
  isGroup: boolean
  /** The name of the window that an OVER means; the check tells whether it exists. */
  windowOf: (over: WindowDef) => string
  /** Reads the key from the OVER of a feature in TypeScript, which has no frame. */
  partitionOf: (over: WindowDef) => void
  /** The features in TypeScript that may be called. */
  code: readonly CodeFeature[]
  problem: (code: ProblemCode, byte: number | undefined, message: string, hint?: string) => void
}

/** Notes where an expression stands, and gives it back. */
export type Placed = (expr: Expr, byte: number | undefined) => Expr

/** The first location anywhere inside a node. */
export function firstLocation(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  let first: number | undefined
  for (const [key, child] of Object.entries(node)) {
    const at = key === 'location' && typeof child === 'number' ? (child >= 0 ? child : undefined) : firstLocation(child)
    if (at !== undefined && (first === undefined || at < first)) first = at
  }
  return first
}
