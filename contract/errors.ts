/** The closed list of error codes of the HTTP API and of the engine's own, with the HTTP status each one means. */
import { z } from 'zod'

export const errorStatus = {
  bad_request: 400,
  invalid_definition: 400,
  invalid_stream: 400,
  invalid_parameter: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  already_exists: 409,
  busy: 409,
  not_allowed_now: 409,
  release_refused: 409,
  gone: 410,
  too_large: 413,
  unsupported: 422,
  too_many_requests: 429,
  internal: 500,
  engine_unreachable: 503,
  not_ready: 503,
} as const

export type ErrorCode = keyof typeof errorStatus
export const ErrorCode = z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]])

export const ErrorBody = z.object({
  error: z.object({ code: ErrorCode, message: z.string(), details: z.unknown().optional(), hint: z.string().optional() }),
})
export type ErrorBody = z.infer<typeof ErrorBody>

/** Thrown in the domain, mapped to HTTP at the edge. `message` says what happened and why, `hint` what to do next. */
export class EvenflowError extends Error {
  override readonly name = 'EvenflowError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: unknown
  constructor(code: ErrorCode, message: string, more: { hint?: string; details?: unknown; cause?: unknown } = {}) {
    super(message, { cause: more.cause })
    this.code = code
    this.hint = more.hint
    this.details = more.details
  }
  toBody(): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.details !== undefined && { details: this.details }),
        ...(this.hint && { hint: this.hint }),
      },
    }
  }
}
