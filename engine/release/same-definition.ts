/** Versions never change once they are saved; a release that finds its version changed all the same does not go on with what nobody checked. */
import { definitionHash } from '../../definition/feature-id.ts'
import { ViewDefinition } from '../../definition/model.ts'
import type { ReleaseRow, StepContext } from './release-record.ts'

/** Of the version as its row stands now. */
export async function storedHash({ viewId, toVersion }: ReleaseRow, { db }: Pick<StepContext, 'db'>): Promise<string> {
  const row = await db.viewVersion.findUniqueOrThrow({ where: { viewId_version: { viewId, version: toVersion } } })
  return definitionHash(ViewDefinition.parse(row.definition))
}

/** Whether it is another one than when the release was CHECKED. */
export async function hasChanged(release: ReleaseRow, context: Pick<StepContext, 'db'>): Promise<boolean> {
  const checked = release.facts.find(({ kind, payload }) => kind === 'state' && payload.to === 'CHECKED')?.payload.definitionHash
  return checked !== undefined && checked !== (await storedHash(release, context))
}
