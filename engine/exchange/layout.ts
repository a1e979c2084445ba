/**
 * Who does what among the keyed subtasks of a job: keys are split into ranges, features into parts, and each subtask has one part of one
 * range. By key there is one part; by feature there are several, and one range may hold all keys.
 */
import type { Plan } from '../plan/plan.ts'
import { keyGroupRange } from '../state/hash.ts'

export interface Layout {
  readonly ranges: number
  /** names of features, each once */
  readonly parts: readonly (readonly string[])[]
}

export const byKey = (plan: Plan, parallelism: number): Layout => ({ ranges: parallelism, parts: [plan.features.map(({ name }) => name)] })

export const subtaskCount = ({ ranges, parts }: Layout): number => ranges * parts.length

export const rangeOf = ({ parts }: Layout, subtask: number): number => Math.floor(subtask / parts.length)

export const partIndexOf = ({ parts }: Layout, subtask: number): number => subtask % parts.length

export const groupsOf = (layout: Layout, subtask: number) => keyGroupRange(rangeOf(layout, subtask), layout.ranges)
