import { PreviewInput } from '../../contract/http-api.ts'
import { defineQuestion } from '../define-verb.ts'
import { soundDefinition } from './resolve-definition.ts'

/** The same rows as the preview's, computed by DuckDB and compared. */
export const checkInDuckdb = defineQuestion({
  name: 'views.duckdb',
  input: PreviewInput,
  async ask({ ctx, input }) {
    const { checked } = await soundDefinition(ctx, input)
    return ctx.engine.duckdb({ definition: checked.definition, last: input.last })
  },
})
