import type { ConsoleContext } from './context.ts'
import { takeGuideStep } from './guide-step.ts'
import { passOn } from './streams/append-events.ts'

/** Values by key. The road of services, so the console only looks who asks. */
export async function readFeatures(ctx: ConsoleContext, request: Request): Promise<Response> {
  const answer = await passOn(ctx, '/features', request)
  if (answer.ok) await takeGuideStep(ctx, 'read')
  return answer
}
