/** Stored parameter rows → the effective values of a job, a stream or the system. Read once per reconciliation. */
import type { Db } from '../../db/client.ts'
import type { Hints } from '../../definition/model.ts'
import { PARAMETERS, PARAMETER_KEYS, resolveParameters, toJobParameters, type EffectiveParameters } from '../../definition/parameters.ts'
import type { JobParameters } from '../../contract/job-ipc.ts'

export interface ParameterStore {
  ofSystem(): EffectiveParameters
  ofStream(stream: string): EffectiveParameters
  ofView(view: string, hints: Hints): EffectiveParameters
  ofJob(job: { id: number; view: string; hints: Hints; historyEventTimeMs: number | null }): EffectiveParameters
}

export async function readParameters(db: Db): Promise<ParameterStore> {
  const scopes = new Map<string, Record<string, unknown>>()
  for (const { key, scope, value } of await db.parameter.findMany()) {
    const layer = scopes.get(scope) ?? {}
    layer[key] = value
    scopes.set(scope, layer)
  }
  const layer = (scope: string): Record<string, unknown> => scopes.get(scope) ?? {}
  return {
    ofSystem: () => resolveParameters({ system: layer('system') }),
    ofStream: (stream) => resolveParameters({ system: layer('system'), stream: layer(`stream:${stream}`) }),
    ofView: (view, hints) => resolveParameters({ system: layer('system'), view: layer(`view:${view}`), hints }),
    ofJob: ({ id, view, hints, historyEventTimeMs }) =>
      resolveParameters({
        system: layer('system'),
        view: layer(`view:${view}`),
        hints,
        job: { ...(historyEventTimeMs !== null && { historyEventTime: historyEventTimeMs }), ...layer(`job:${id}`) },
      }),
  }
}

/** What a running job gets: the changes that take effect now, the rest as it was at its start. */
export function effectiveWhileRunning(atStart: EffectiveParameters, current: EffectiveParameters): JobParameters {
  const mixed = Object.fromEntries(
    PARAMETER_KEYS.map((key) => [key, PARAMETERS[key].effect === 'now' ? current[key] : atStart[key]]),
  ) as EffectiveParameters
  return toJobParameters(mixed)
}
