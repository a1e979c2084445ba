import type { CodeFeatureFile } from '../../contract/http-api.ts'
import { usage } from '../../definition/code-usage.ts'
import type { ConsoleContext } from '../context.ts'

/** The files of features/ as they are now: what each may be called with, or what is wrong with it. */
export function listCodeFeatures({ code }: ConsoleContext): { items: CodeFeatureFile[] } {
  return {
    items: code.list().map(({ file, feature, problems }) => {
      if (!feature) return { file, feature: null, problems: [...problems] }
      const { name, doc, hash, inputs, output, parameters, ttlMs } = feature
      return { file, feature: { name, doc, hash, inputs, output, parameters, ttlMs, usage: usage(feature) }, problems: [...problems] }
    }),
  }
}
