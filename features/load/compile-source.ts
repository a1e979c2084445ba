/** A feature file's text → what a view version pins: its declaration as data and its JavaScript. Or what is wrong with it, and where. */
import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'
import type { CodeFeature } from '../../definition/model.ts'
import { declarationProblems, describe, type Declaration } from './declaration.ts'
import { maskCode } from './mask.ts'
import { evaluateSource } from './sandbox.ts'
import { scanSource, type SourceProblem } from './scan.ts'

export type CompiledSource = { feature?: CodeFeature; problems: SourceProblem[] }

const IMPORT = /(^|\n)[ \t]*import\b([^;'"]*?)\bfrom\s*(['"])(.*?)\3[ \t]*;?/g

export function compileSource(file: string, text: string): CompiledSource {
  let stripped: string
  try {
    stripped = stripTypeScriptTypes(text)
  } catch (error) {
    return problem(lineOf(error, file), (error as Error).message.trim())
  }
  const { source, problems } = asFunctionBody(stripped)
  problems.push(...scanSource(source))
  if (problems.length > 0) return { problems }
  let declaration: unknown
  try {
    declaration = evaluateSource(source, file)
  } catch (error) {
    return problem(lineOf(error, file), (error as Error).message)
  }
  const wrong = declarationProblems(declaration)
  if (wrong.length > 0) return { problems: wrong.map((message) => ({ line: 1, message })) }
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 32)
  return { feature: { ...describe(declaration as Declaration), hash, file, source }, problems: [] }
}

/** Imports and the default export are turned into what a function can have; lines stay where they are. */
function asFunctionBody(stripped: string): { source: string; problems: SourceProblem[] } {
  const problems: SourceProblem[] = []
  const masked = maskCode(stripped)
  const lineAt = (index: number) => stripped.slice(0, index).split('\n').length
  const edits: { from: number; to: number; by: string }[] = []
  for (const match of masked.matchAll(IMPORT)) {
    const from = match.index + match[1]!.length
    const to = match.index + match[0].length
    const specifier = stripped.slice(from, to).match(/from\s*(['"])(.*?)\1/)?.[2] ?? ''
    const names = /^\s*\{([\s\S]*)\}\s*$/.exec(match[2]!)?.[1]
    if (names === undefined || !/(^|\/)evenflow(\.ts)?$/.test(specifier))
      problems.push({ line: lineAt(from), message: `a feature file imports from './evenflow.ts' and nothing else: \`${specifier}\`` })
    else edits.push({ from, to, by: `const {${names.replaceAll(' as ', ': ')}} = evenflow;` })
  }
  const exported = [...masked.matchAll(/(?<![\w$.])export\b(\s+default\b)?/g)]
  for (const { index } of exported.filter((match) => !match[1]))
    problems.push({ line: lineAt(index), message: 'a feature file exports one thing, by default: the feature' })
  const defaults = exported.filter((match) => match[1])
  if (defaults.length !== 1) problems.push({ line: 1, message: 'a feature file has one `export default defineFeature({ … })`' })
  for (const { index, 0: whole } of defaults) edits.push({ from: index, to: index + whole.length, by: 'exports.default =' })
  let source = stripped
  for (const { from, to, by } of edits.sort((a, b) => b.from - a.from)) source = source.slice(0, from) + by + source.slice(to)
  return { source, problems }
}

function problem(line: number, message: string): CompiledSource {
  return { problems: [{ line, message }] }
}

/** The line of the file that an error names in its stack. */
function lineOf(error: unknown, file: string): number {
  const stack = (error as Error).stack ?? ''
  const at = stack.indexOf(`${file}:`)
  return (at < 0 ? 0 : Number.parseInt(stack.slice(at + file.length + 1), 10)) || 1
}
