/** The situation of a release that its allowed actions follow from. Read by the release reader and by the verb that acts, so that both say the same. */
import type { ReleaseState } from '../../contract/http-api.ts'
import type { ReleaseSituation } from '../../contract/release-rules.ts'
import { nextOpenMs, parseHours } from '../../definition/cutover-hours.ts'
import type { Actor } from '../context.ts'

type Row = { kind: string; state: string; request: unknown; job1Id: number | null; createdBy: string }
type Fact = { kind: string; payload: unknown }
type Surroundings = {
  /** `action`, `state`, `compared` and `compare_again`, newest first; and those of people: `created`, `approved` */
  facts: readonly Fact[]
  people: readonly Fact[]
  /** observed state of the old job; undefined: there is none */
  job1: { observed: string } | null | undefined
  /** the parameter, as it is now */
  cutoverHours: string
  actor: Pick<Actor, 'name' | 'personId'>
  nowMs: number
}

export function situationOf(release: Row, at: Surroundings): ReleaseSituation {
  const newest = at.facts.find(({ kind }) => kind === 'action' || kind === 'state')
  const moved = at.facts.findIndex(({ kind }) => kind === 'state')
  const sinceMoved = at.facts.slice(0, moved < 0 ? undefined : moved)
  const { mode, approval } = release.request as { mode?: unknown; approval?: unknown }
  const replaces = release.job1Id !== null
  const payloadOf = (kind: string) => at.people.find((fact) => fact.kind === kind)?.payload as { by?: unknown; byId?: unknown } | undefined
  const opensAtMs = nextOpenMs(parseHours(at.cutoverHours), at.nowMs)
  const askedById = payloadOf('created')?.byId
  const isMine = askedById === undefined ? release.createdBy === at.actor.name : askedById === at.actor.personId
  const approvedBy = payloadOf('approved')?.by
  return {
    kind: release.kind,
    state: release.state as ReleaseState,
    mode: mode === 'gated' ? 'gated' : 'automatic',
    job1: release.job1Id === null ? null : { id: release.job1Id, runs: at.job1?.observed === 'RUNNING' },
    pending: newest?.kind === 'action' ? String((newest.payload as { action?: unknown }).action) : null,
    approval: replaces && approval === true ? { by: approvedBy === undefined ? null : String(approvedBy) } : null,
    askedByMe: isMine ? release.createdBy : null,
    opensAtMs: replaces && opensAtMs > at.nowMs ? opensAtMs : null,
    comparison: comparisonOf(sinceMoved.find(({ kind }) => kind === 'compared' || kind === 'compare_again')),
  }
}

function comparisonOf(fact: Fact | undefined): ReleaseSituation['comparison'] {
  if (!fact) return 'none'
  if (fact.kind === 'compare_again') return 'failing'
  return (fact.payload as { outcome?: unknown }).outcome === 'equal' ? 'equal' : 'differs'
}
