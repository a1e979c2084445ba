/** Why an archive cannot be read: a refusal of the check before a release, or what ends a job whose archive has changed since. */
import type { Refusal } from '../../contract/release-check.ts'
import { type RefusalWord, refusal } from '../../contract/release-words.ts'
import type { ToldValues } from '../../contract/told.ts'

export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused'
  readonly refusal: Refusal

  constructor(code: Extract<RefusalWord, `refused_archive${string}`>, values: ToldValues) {
    const told = refusal(code, values)
    super(`${told.why.text} ${told.way.text}`)
    this.refusal = told
  }
}
