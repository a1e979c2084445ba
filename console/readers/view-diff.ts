import type { ViewDiff } from '../../contract/http-api.ts'
import { diffDefinitions } from '../../definition/diff.ts'
import type { ConsoleContext } from '../context.ts'
import { readVersion } from './views.ts'

/** What version `to` changes against version `from`: features by meaning, and the rest. */
export async function diffVersions(ctx: ConsoleContext, view: string, from: number, to: number): Promise<ViewDiff> {
  const [before, after] = await Promise.all([readVersion(ctx, view, from), readVersion(ctx, view, to)])
  const { features, other } = diffDefinitions(before.definition, after.definition)
  return {
    from,
    to,
    features: features.map(({ name, change, before: was, after: now, was: oldName }) => ({
      name,
      change,
      before: was,
      after: now,
      ...(oldName !== undefined && { was: oldName }),
    })),
    other,
    sqlBefore: before.sql,
    sqlAfter: after.sql,
  }
}
