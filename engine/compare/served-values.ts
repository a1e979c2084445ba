/** What the new job answers to reads of the instant, as any reader would get it: asked over its socket while it holds still. */
import type { FeatureRow } from '../../contract/engine-api.ts'
import { keyFromText } from '../job/keys.ts'
import type { Plan } from '../plan/plan.ts'
import { openJobReader } from '../serve/job-reader.ts'

const KEYS_PER_QUESTION = 500

export interface ServedValues {
  /** In the order of the keys. @throws JobUnreachable, EvenflowError */
  read(keys: readonly string[]): Promise<FeatureRow[]>
  close(): void
}

export function openServedValues(socketPath: string, { keySlots, fields }: Plan, atMs: number): ServedValues {
  const reader = openJobReader(socketPath)
  const keyFields = keySlots.map((slot) => fields[slot]!)
  return {
    async read(keys) {
      const rows: FeatureRow[] = []
      for (let from = 0; from < keys.length; from += KEYS_PER_QUESTION) {
        const asked = keys.slice(from, from + KEYS_PER_QUESTION).map((key) => keyFromText(key, keyFields))
        rows.push(...(await reader.read(asked, atMs)))
      }
      return rows
    },
    close: () => reader.close(),
  }
}
