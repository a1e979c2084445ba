/**
 * The features of a folder, as they are now. Looked at anew at each question: a file whose time and size are the known ones is not
 * read again, so a new or changed file is there without a restart.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeFeature } from '../../definition/model.ts'
import { type CompiledSource, compileSource } from './compile-source.ts'
import type { SourceProblem } from './scan.ts'

export interface FeatureFile {
  readonly file: string
  readonly feature: CodeFeature | null
  readonly problems: readonly SourceProblem[]
}

/** what belongs to the folder and is no feature */
const NOT_FEATURES = /^(evenflow|testing)\.ts$|\.test\.ts$|\.d\.ts$/

export class FeatureFolder {
  readonly #path: string
  readonly #known = new Map<string, { stamp: string; compiled: CompiledSource }>()

  constructor(path: string) {
    this.#path = path
  }

  /** All files in the order of their names; none where there is no folder. */
  list(): FeatureFile[] {
    const files: FeatureFile[] = []
    for (const file of this.#files()) {
      const { feature, problems } = this.#compiled(file)
      const twin = feature && files.find((other) => other.feature?.name === feature.name)
      if (twin) files.push({ file, feature: null, problems: [{ line: 1, message: `${twin.file} has a feature ${feature.name} already` }] })
      else files.push({ file, feature: feature ?? null, problems })
    }
    return files
  }

  /** Those that may be called. */
  features(): CodeFeature[] {
    return this.list().flatMap(({ feature }) => feature ?? [])
  }

  #files(): string[] {
    try {
      return readdirSync(this.#path)
        .filter((name) => name.endsWith('.ts') && !NOT_FEATURES.test(name))
        .sort()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  #compiled(file: string): CompiledSource {
    const path = join(this.#path, file)
    const { mtimeMs, size } = statSync(path)
    const stamp = `${mtimeMs}:${size}`
    let known = this.#known.get(file)
    if (known?.stamp !== stamp) {
      known = { stamp, compiled: compileSource(file, readFileSync(path, 'utf8')) }
      this.#known.set(file, known)
    }
    return known.compiled
  }
}
