/** Calls of features in TypeScript: every input is there and has its type, parameters are constants of theirs. */
import type { Checked, Scope } from './check-scope.ts'
import { listNames } from './check-scope.ts'
import { usage } from './code-usage.ts'
import type { CodeArgument, CodeFeature, Expr, FieldType } from './model.ts'
import { didYouMean } from './suggest.ts'
import { commonType, type ExprType, isNumeric } from './types.ts'

type CodeExpr = Extract<Expr, { kind: 'code' }>

export function checkCode(expr: CodeExpr, scope: Scope, checkInput: (arg: Expr) => Checked): Checked {
  const { report } = scope
  const unknown: Checked = { expr, type: 'unknown', latest: false }
  const feature = scope.code.find(({ name }) => name === expr.feature)
  if (!feature) {
    const names = scope.code.map(({ name }) => name)
    report(
      'unknown_function',
      expr,
      `there is no feature \`${expr.feature}\` in features/`,
      didYouMean(expr.feature, names) ?? (names.length ? `there are ${listNames(names)}` : 'write one: a file in features/'),
    )
    return unknown
  }
  if (scope.isGroup)
    report(
      'not_yet',
      expr,
      `a feature in TypeScript (\`${feature.name}\`) in a view with GROUP BY is not available yet`,
      'make a view of its own for it',
    )
  scope.called.add(feature)
  const args: CodeArgument[] = []
  for (const { name, type } of feature.inputs) {
    const argument = expr.args.find((one) => one.name === name)
    if (!argument) {
      report('wrong_arguments', expr, `\`${feature.name}\` needs its input \`${name}\``, usage(feature))
      continue
    }
    args.push({ name, value: asInput(argument, type, feature, scope, checkInput) })
  }
  for (const parameter of feature.parameters) {
    const argument = expr.args.find((one) => one.name === parameter.name)
    if (!argument) continue
    if (constantOf(argument.value, parameter.type) === undefined && !scope.unread.has(argument.value))
      report(
        'wrong_arguments',
        argument.value,
        `\`${parameter.name}\` is a parameter: a constant of type ${parameter.type}`,
        usage(feature),
      )
    args.push(argument)
  }
  const known = [...feature.inputs, ...feature.parameters].map(({ name }) => name)
  for (const { name } of expr.args)
    if (!known.includes(name))
      report('wrong_arguments', expr, `\`${feature.name}\` has no \`${name}\``, didYouMean(name, known) ?? usage(feature))
  return { expr: { kind: 'code', feature: feature.name, args }, type: feature.output, latest: false }
}

/** A number is made a wider one where the input asks for it, in the open: the cast stands in the text. */
function asInput(
  { name, value }: CodeArgument,
  wanted: FieldType,
  feature: CodeFeature,
  scope: Scope,
  check: (arg: Expr) => Checked,
): Expr {
  const { expr, type } = check(value)
  if (type === wanted || type === 'unknown') return expr
  if (type === 'null' || (isNumeric(type) && isNumeric(wanted) && commonType(type as ExprType, wanted) === wanted))
    return { kind: 'cast', arg: expr, type: wanted }
  scope.report(
    'type_mismatch',
    value,
    `the input \`${name}\` of ${feature.name} is ${wanted}, this is ${type}`,
    isNumeric(type) && isNumeric(wanted) ? 'cast it, if that is what you mean' : undefined,
  )
  return expr
}

/** The value of a constant that fits the type, or undefined. Decimals and doubles are plain numbers here. */
export function constantOf(expr: Expr, type: FieldType): boolean | number | string | undefined {
  if (expr.kind === 'unary' && expr.op === '-') {
    const value = constantOf(expr.arg, type)
    return typeof value === 'number' ? -value : undefined
  }
  const value = expr.kind === 'decimal' ? Number(expr.text) : expr.kind === 'literal' ? expr.value : undefined
  if (value === undefined || value === null) return undefined
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined
  if (type === 'string') return typeof value === 'string' ? value : undefined
  if (typeof value !== 'number') return undefined
  return type !== 'int' && type !== 'timestamp' ? value : Number.isSafeInteger(value) ? value : undefined
}
