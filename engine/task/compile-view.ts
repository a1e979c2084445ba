/**
 * A plan → what runs it: intake, operators and their evaluators. The planner's choice between the compiled road and the plain one
 * is made here, once for all subtasks: both must take the same form of batch.
 */
import { ColumnIntake } from '../compile/column-intake.ts'
import type { CallWatch } from '../code/call-watch.ts'
import { CodeFeatures } from '../code/code-features.ts'
import { compileEvaluator, type Evaluator } from '../compile/evaluator.ts'
import { fastPathRefusal } from '../plan/fast-path.ts'
import type { Plan } from '../plan/plan.ts'
import type { KeyedOperator } from '../state/operator.ts'
import { PlainKeyedOperator } from '../state/plain-operator.ts'
import { SlabOperator, type SlabOperatorOptions } from '../state/slab-operator.ts'
import { WindowOperator } from '../state/window-operator.ts'
import { type EventIntake, PlainIntake } from './event-intake.ts'

export interface CompileViewOptions extends Omit<SlabOperatorOptions, 'evaluator'> {
  readonly parallelism: number
  /** left to the planner where not given */
  readonly road?: 'plain'
  /** features in TypeScript that are left out */
  readonly disabledCode?: readonly string[]
  /** those that a snapshot says are disabled may run again */
  readonly forgiveCode?: boolean
  /** where a watcher sees which call of such a feature is going on */
  readonly callWatch?: CallWatch | undefined
}

export interface CompiledView {
  readonly road: 'compiled' | 'plain'
  /** why the planner left the view to the plain operator; null where it did not */
  readonly refusal: string | null
  readonly intake: EventIntake
  /** the source's, and one for each operator: each counts its own overflows */
  readonly sourceEvaluator: Evaluator
  readonly evaluators: readonly Evaluator[]
  readonly operators: readonly KeyedOperator[]
}

export function compileView(plan: Plan, options: CompileViewOptions): CompiledView {
  const sourceEvaluator = compileEvaluator(plan)
  const evaluators = Array.from({ length: options.parallelism }, () => compileEvaluator(plan))
  const refusal = fastPathRefusal(plan, sourceEvaluator.columnTypes)
  const isCompiled = refusal === null && options.road !== 'plain'
  return {
    road: isCompiled ? 'compiled' : 'plain',
    refusal,
    intake: isCompiled ? new ColumnIntake(sourceEvaluator) : new PlainIntake(sourceEvaluator),
    sourceEvaluator,
    evaluators,
    operators: evaluators.map(
      (evaluator): KeyedOperator =>
        plan.group
          ? new WindowOperator({ ...options, evaluator })
          : isCompiled
            ? new SlabOperator({ ...options, evaluator })
            : new PlainKeyedOperator({ ...options, evaluator, code: codeFeatures(evaluator, options) }),
    ),
  }
}

function codeFeatures(
  { plan, counters }: Evaluator,
  { disabledCode = [], forgiveCode = false, callWatch }: CompileViewOptions,
): CodeFeatures | undefined {
  return plan.code.length === 0
    ? undefined
    : new CodeFeatures({ plan, counters, disabled: disabledCode, forgive: forgiveCode, watch: callWatch })
}
