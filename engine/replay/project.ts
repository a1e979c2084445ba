/** project.json → checked views with their parameters. Everything wrong with it is said at once, with its place. */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { type CheckedView, Field, Name, type StreamSchema } from '../../definition/model.ts'
import { isParameterKey, PARAMETER_KEYS, readParameter, resolveParameters, toJobParameters } from '../../definition/parameters.ts'
import { parseView } from '../../definition/parse-sql.ts'
import { FeatureFolder } from '../../features/load/read-folder.ts'
import { UseError } from './use-error.ts'

const ProjectFile = z.object({
  streams: z.array(z.object({ name: Name, fields: z.array(Field).min(1), eventTime: z.string() })).min(1),
  views: z.array(z.object({ name: Name, sql: z.string() })).min(1),
  parameters: z.record(z.string(), z.unknown()).optional(),
})

export interface ProjectView {
  readonly name: string
  readonly checked: CheckedView
  readonly parameters: ReturnType<typeof toJobParameters>
}

export interface Project {
  readonly streams: readonly StreamSchema[]
  readonly views: readonly ProjectView[]
}

/** `order` overrides hint and parameters, but for views with GROUP BY, which have one order only. @throws UseError */
export async function readProject(path: string, order: 'arrival' | 'event_time' | undefined): Promise<Project> {
  const file = basename(path)
  const project = parseFile(path, file)
  const problems = [
    ...streamProblems(project.streams),
    ...parameterProblems(project.parameters ?? {}),
    ...repeated(project.views.map(({ name }) => name)).map((name) => `view ${name}: there are two views of this name`),
  ]
  const code = new FeatureFolder(join(dirname(path), 'features')).list()
  for (const { file: codeFile, problems: found } of code)
    for (const { line, message } of found) problems.push(`features/${codeFile}:${line}: ${message}`)
  const callable = code.flatMap(({ feature }) => feature ?? [])
  const views: ProjectView[] = []
  for (const { name, sql } of project.views) {
    const { checked, problems: found } = await parseView(sql, project.streams, callable)
    for (const { line, column, message, hint } of found)
      problems.push(`view ${name}: ${line}:${column}: ${message}${hint ? ` (${hint})` : ''}`)
    if (!checked) continue
    const hints = { ...checked.definition.hints, ...(order && !checked.definition.group && { order }) }
    const given = project.parameters ?? {}
    const parameters = toJobParameters(resolveParameters({ system: given, view: given, job: given, hints }))
    views.push({ name, checked: { ...checked, definition: { ...checked.definition, hints } }, parameters })
  }
  if (problems.length > 0) throw new UseError(problems.map((problem) => `${file}: ${problem}`).join('\n'))
  return { streams: project.streams, views }
}

function parseFile(path: string, file: string): z.infer<typeof ProjectFile> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UseError(`${file}: cannot be read: ${(error as Error).message}`)
  }
  let content: unknown
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new UseError(`${file}: not JSON: ${(error as Error).message}`)
  }
  const parsed = ProjectFile.safeParse(content)
  if (parsed.success) return parsed.data
  throw new UseError(parsed.error.issues.map(({ path: at, message }) => `${file}: ${at.join('.') || 'the file'}: ${message}`).join('\n'))
}

function streamProblems(streams: readonly StreamSchema[]): string[] {
  const problems = repeated(streams.map(({ name }) => name)).map((name) => `stream ${name}: there are two streams of this name`)
  for (const { name, fields, eventTime } of streams) {
    for (const twice of repeated(fields.map((field) => field.name))) problems.push(`stream ${name}: the field ${twice} is there twice`)
    const field = fields.find((candidate) => candidate.name === eventTime)
    if (!field) problems.push(`stream ${name}: its event time \`${eventTime}\` is not among its fields`)
    else if (field.type !== 'timestamp')
      problems.push(`stream ${name}: its event time \`${eventTime}\` is ${field.type}; it must be a timestamp`)
  }
  return problems
}

function parameterProblems(parameters: Record<string, unknown>): string[] {
  return Object.entries(parameters).flatMap(([key, value]) => {
    if (!isParameterKey(key)) return [`parameters: there is no parameter ${key} (there are ${PARAMETER_KEYS.join(', ')})`]
    const read = readParameter(key, value)
    return read.ok ? [] : [`parameters: ${read.message}`]
  })
}

const repeated = (names: readonly string[]) => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
