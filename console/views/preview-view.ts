import { PreviewInput } from '../../contract/http-api.ts'
import { defineQuestion } from '../define-verb.ts'
import { takeGuideStep } from '../guide-step.ts'
import { soundDefinition } from './resolve-definition.ts'

/** The definition's values on the newest real events of its stream. */
export const previewView = defineQuestion({
  name: 'views.preview',
  input: PreviewInput,
  async ask({ ctx, input }) {
    const { checked } = await soundDefinition(ctx, input)
    const answer = await ctx.engine.preview({ definition: checked.definition, last: input.last })
    await takeGuideStep(ctx, 'preview')
    return answer
  },
})
