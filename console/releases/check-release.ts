import { CreateRelease } from '../../contract/http-api.ts'
import type { ReleaseCheck } from '../../contract/release-check.ts'
import { defineQuestion } from '../define-verb.ts'
import { engineQuestion } from './engine-question.ts'

/** What a release with this request would do, judged by the engine against what runs and is stored now. Nothing begins. */
export const checkRelease = defineQuestion({
  name: 'releases.check',
  input: CreateRelease,
  ask: ({ ctx, input }): Promise<ReleaseCheck> => ctx.engine.checkRelease(engineQuestion(input)),
})
