/** The situation of a release that its allowed actions follow from. Read by the release reader and by the verb that acts, so that both say the same. */
import type { ReleaseState } from '../../contract/http-api.ts'
import type { ReleaseSituation } from '../../contract/release-rules.ts'

type Row = { state: string; request: unknown; job1Id: number | null }
/** newest first */
type Facts = readonly { kind: string; payload: unknown }[]

export function situationOf(release: Row, facts: Facts): ReleaseSituation {
  const newest = facts.find(({ kind }) => kind === 'action' || kind === 'state')
  const mode = (release.request as { mode?: unknown }).mode === 'gated' ? 'gated' : 'automatic'
  return {
    state: release.state as ReleaseState,
    mode,
    replacesAJob: release.job1Id !== null,
    pending: newest?.kind === 'action' ? String((newest.payload as { action?: unknown }).action) : null,
  }
}
