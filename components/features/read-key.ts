import type { Field } from '../../definition/model.ts'

type Key = Record<string, string | number | boolean>

/** What was typed for each key field, in the field's type; null while one of them can't be read. The empty string is a key. */
export function typedKey(names: string[], text: Record<string, string>, fields: Field[]): Key | null {
  const key: Key = {}
  for (const name of names) {
    const typed = text[name]
    const type = fields.find((field) => field.name === name)?.type ?? 'string'
    if (typed === undefined) return null
    if (type === 'string') key[name] = typed
    else if (type === 'boolean') {
      if (typed !== 'true' && typed !== 'false') return null
      key[name] = typed === 'true'
    } else if (type === 'timestamp') key[name] = /^-?\d+$/.test(typed) ? Number(typed) : typed
    else {
      if (typed.trim() === '' || !Number.isFinite(Number(typed))) return null
      key[name] = Number(typed)
    }
  }
  return key
}

/** Canonical key text, as stores call a key: its values as a JSON array in key order; times in epoch ms, decimals scaled. Null while a field can't be read. */
export function keyText(names: string[], text: Record<string, string>, fields: Field[]): string | null {
  const key = typedKey(names, text, fields)
  if (key === null) return null
  const values = names.map((name) => {
    const type = fields.find((field) => field.name === name)?.type ?? 'string'
    const value = key[name]
    const scale = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1]
    if (type === 'timestamp' && typeof value === 'string') return Date.parse(value)
    return scale !== undefined && typeof value === 'number' ? Math.round(value * 10 ** Number(scale)) : value
  })
  return values.some((value) => typeof value === 'number' && !Number.isFinite(value)) ? null : JSON.stringify(values)
}

/** The same read for a shell. A quote inside the body is closed, escaped, opened again. */
export function readCurl(origin: string, body: unknown): string {
  const json = JSON.stringify(body).replaceAll("'", "'\\''")
  return `curl -s '${origin}/api/v1/features' \\\n  -H "Authorization: Bearer $EVENFLOW_API_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '${json}'`
}
