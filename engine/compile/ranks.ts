/** MEDIAN and QUANTILE from a window's rows in order of value. */
import { fractionOf } from '../../definition/check-call.ts'
import { decimalScale, type ExprType } from '../../definition/types.ts'
import type { AggregateExpr } from '../plan/plan.ts'
import type { OrderTree } from '../state/order-tree.ts'
import { rankOf } from './tally.ts'
import { POW10 } from './value.ts'

export const isRanked = (fn: string): boolean => fn === 'median' || fn === 'quantile_cont' || fn === 'quantile_disc'

/** The aggregate's value from a tree and its root; NaN is NULL, a decimal that is one of the values is scaled. */
export function compileRank(expr: AggregateExpr, type: ExprType): (tree: OrderTree, root: number) => number {
  if (expr.fn === 'quantile_disc') {
    const rank = rankOf(expr.args[1])
    return (tree, root) => (root < 0 ? Number.NaN : tree.valueAt(root, Math.max(1, rank(tree.count(root))) - 1))
  }
  const fraction = expr.args[1] ? fractionOf(expr.args[1])! : 0.5
  const divisor = POW10[decimalScale(type) ?? 0]!
  return (tree, root) => {
    if (root < 0) return Number.NaN
    const place = fraction * (tree.count(root) - 1)
    const low = tree.valueAt(root, Math.floor(place)) / divisor
    const high = tree.valueAt(root, Math.ceil(place)) / divisor
    return low + (high - low) * (place - Math.floor(place))
  }
}
