import type { Problem } from '@/definition/model.ts'

/** What is wrong with a part of the form, below it. */
export function ProblemNotes({ problems }: { problems: readonly Problem[] }) {
  return problems.map((problem) => (
    <span key={`${problem.column}:${problem.message}`} style={{ color: 'var(--bad)' }} role="alert">
      {problem.message} {problem.hint}
    </span>
  ))
}
