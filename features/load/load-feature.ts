/** A pinned feature → its functions, anew each time: nothing that one job's code keeps outside its state reaches another. */
import type { CodeFeature } from '../../definition/model.ts'
import { type Declaration, declarationProblems } from './declaration.ts'
import { evaluateSource } from './sandbox.ts'

/** @throws Error that names the feature, where its code cannot be run */
export function loadFeature({ name, file, source }: Pick<CodeFeature, 'name' | 'file' | 'source'>): Declaration {
  let declaration: unknown
  try {
    declaration = evaluateSource(source, file)
  } catch (error) {
    throw new Error(`The feature ${name} (${file}) cannot be loaded: ${(error as Error).message}`, { cause: error })
  }
  const [problem] = declarationProblems(declaration)
  if (problem) throw new Error(`The feature ${name} (${file}) cannot be loaded: ${problem}`)
  return declaration as Declaration
}
