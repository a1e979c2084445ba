/** The situation of a release that its allowed actions follow from. Read by the release reader and by the verb that acts, so that both say the same. */
import type { ReleaseState } from '../../contract/http-api.ts'
import type { ReleaseSituation } from '../../contract/release-rules.ts'

type Row = { kind: string; state: string; request: unknown; job1Id: number | null }
/** observed state of the old job; undefined: there is none */
type Job1 = { observed: string } | null | undefined
/** newest first */
type Facts = readonly { kind: string; payload: unknown }[]

export function situationOf(release: Row, facts: Facts, job1: Job1): ReleaseSituation {
  const newest = facts.find(({ kind }) => kind === 'action' || kind === 'state')
  const mode = (release.request as { mode?: unknown }).mode === 'gated' ? 'gated' : 'automatic'
  return {
    kind: release.kind,
    state: release.state as ReleaseState,
    mode,
    job1: release.job1Id === null ? null : { id: release.job1Id, runs: job1?.observed === 'RUNNING' },
    pending: newest?.kind === 'action' ? String((newest.payload as { action?: unknown }).action) : null,
  }
}
