/** A call of a feature in TypeScript: `longest_run(delay, threshold => 15) OVER (PARTITION BY card ORDER BY ts)` → our expression. */
import type { FuncCall, Node } from 'libpg-query'
import { usage } from './code-usage.ts'
import type { CodeArgument, CodeFeature, Expr } from './model.ts'
import type { Placed, ReadContext } from './read-context.ts'
import { didYouMean } from './suggest.ts'

/** Inputs by position or by name; parameters by name. Comes out in the order of the declaration, inputs first. */
export function readCode(
  call: FuncCall,
  feature: CodeFeature,
  context: ReadContext,
  placed: Placed,
  read: (node: Node | undefined) => Expr,
): Expr | undefined {
  const { problem } = context
  const { name, inputs, parameters } = feature
  const { location, over } = call
  const word = call.agg_filter
    ? 'FILTER'
    : call.agg_star
      ? '*'
      : call.agg_distinct
        ? 'DISTINCT'
        : call.agg_order?.length
          ? 'ORDER BY'
          : null
  if (word) {
    problem('wrong_arguments', location, `${name} takes no ${word}`, 'choose events with CASE in an input: one that is NULL is passed over')
    return undefined
  }
  if (over) context.partitionOf(over)
  const names = [...inputs, ...parameters].map((one) => one.name)
  const given = new Map<string, CodeArgument>()
  let sound = true
  for (const [i, node] of (call.args ?? []).entries()) {
    const named = 'NamedArgExpr' in node ? node.NamedArgExpr : undefined
    const value = read(named ? named.arg : node)
    const argument = named ? named.name : inputs[i]?.name
    const complain = (message: string, hint?: string) => {
      problem('wrong_arguments', named?.location ?? location, message, hint)
      sound = false
    }
    if (argument === undefined)
      complain(`${name} has ${inputs.length} input${inputs.length === 1 ? '' : 's'}; parameters are given by name`, usage(feature))
    else if (!names.includes(argument)) complain(`${name} has no \`${argument}\``, didYouMean(argument, names) ?? usage(feature))
    else if (given.has(argument)) complain(`\`${argument}\` is given twice`)
    else given.set(argument, { name: argument, value })
  }
  if (!sound) return undefined
  return placed({ kind: 'code', feature: name, args: names.flatMap((one) => given.get(one) ?? []) }, location)
}
