/** What ends a job, as the supervisor is told. Fatal: starting it again would end the same way; a person has to choose. */
import { ArchiveRefused } from '../archive/archive-refused.ts'
import { SnapshotError } from '../checkpoint/manifest.ts'
import { CompileError } from '../compile/expr.ts'
import { Fenced } from '../sink/port.ts'
import { PositionOutOfRange } from '../source/port.ts'
import { TooManyDeadLetters } from '../task/dead-letter-rate.ts'

export class MemoryLimitPassed extends Error {
  override readonly name = 'MemoryLimitPassed'
  constructor(bytes: number, limit: number) {
    super(
      `The job's state takes ${bytes} bytes, memoryLimit is ${limit}. Raise memoryLimit, or make windows shorter, and start the job again: it goes on from its last checkpoint.`,
    )
  }
}

export class CheckpointsFailing extends Error {
  override readonly name = 'CheckpointsFailing'
}

export interface JobFailure {
  readonly code: string
  readonly message: string
  readonly stack: string | null
  readonly fatal: boolean
}

export function describeFailure(error: unknown): JobFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const failure = (code: string, fatal: boolean): JobFailure => ({ code, message, stack: fatal ? null : (stack ?? null), fatal })
  if (error instanceof SnapshotError) return failure(error.code, true)
  if (error instanceof PositionOutOfRange) return failure('position_out_of_range', true)
  if (error instanceof ArchiveRefused) return failure('archive_refused', true)
  if (error instanceof TooManyDeadLetters) return failure('dead_letter_rate', true)
  if (error instanceof Fenced) return failure('fenced', true)
  if (error instanceof CompileError) return failure('bad_definition', true)
  if (error instanceof MemoryLimitPassed) return failure('memory_limit', true)
  if (error instanceof CheckpointsFailing) return failure('checkpoints_failing', false)
  return failure('crashed', false)
}
