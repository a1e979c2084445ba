/** The parameters in force for a view, hints of its versions apart. */
import type { Tx } from '../../db/client.ts'
import { type EffectiveParameters, resolveParameters } from '../../definition/parameters.ts'

export async function viewParameters(db: Pick<Tx, 'parameter'>, view: string): Promise<EffectiveParameters> {
  const rows = await db.parameter.findMany({ where: { scope: { in: ['system', `view:${view}`] } } })
  const layer = (scope: string) => Object.fromEntries(rows.filter((row) => row.scope === scope).map((row) => [row.key, row.value]))
  return resolveParameters({ system: layer('system'), view: layer(`view:${view}`) })
}
