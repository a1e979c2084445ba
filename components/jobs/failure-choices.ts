/** The code with which a job failed for good → what is offered, in order. Pure. */
export type FailureChoice = 'oldest' | 'newest' | 'giveUp' | 'anotherStart' | 'parameters' | 'again'

const CHOICES: Record<string, readonly FailureChoice[]> = {
  position_out_of_range: ['oldest', 'newest', 'giveUp'],
  snapshot_corrupt: ['anotherStart', 'giveUp'],
  snapshot_missing: ['anotherStart', 'giveUp'],
  snapshot_incompatible: ['anotherStart', 'giveUp'],
  memory_limit: ['parameters', 'again', 'giveUp'],
  dead_letter_rate: ['parameters', 'again', 'giveUp'],
}

export const choicesFor = (code: string | null): readonly FailureChoice[] => (code === null ? [] : (CHOICES[code] ?? []))
