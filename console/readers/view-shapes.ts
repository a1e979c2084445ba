import type { ViewVersion } from '../../contract/http-api.ts'
import type { ViewDefinition } from '../../definition/model.ts'

type Row = {
  version: number
  sql: string
  definition: unknown
  featureTypes: unknown
  note: string | null
  createdAt: Date
  createdBy: string
}

export const toViewVersion = (row: Row, view: string): ViewVersion => ({
  view,
  version: row.version,
  sql: row.sql,
  definition: row.definition as ViewDefinition,
  types: row.featureTypes as ViewVersion['types'],
  note: row.note,
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
})
