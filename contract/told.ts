/**
 * A sentence that people read in their own language: `code` and `values` for the screens, which have it in messages, and `text` in
 * English for everybody else. The units of values are told by the endings of their names, as everywhere.
 */
import { z } from 'zod'
import { formatDurationMs } from '../definition/interval.ts'

export const ToldValue = z.union([z.string(), z.number(), z.array(z.string())])
export const Told = z.object({ code: z.string(), values: z.record(z.string(), ToldValue), text: z.string() })
export type Told = z.infer<typeof Told>
export type ToldValues = Told['values']

/** `{name}` of the sentence → its value, as English text. */
export function fill(sentence: string, values: ToldValues): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (hole, name: string) => (name in values ? valueText(name, values[name]!) : hole))
}

function valueText(name: string, value: ToldValues[string]): string {
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'string') return value
  if (/(time|at|since|until|from)ms$/i.test(name)) return new Date(value).toISOString()
  if (/Ms$/.test(name)) return formatDurationMs(Math.round(value))
  if (/Bytes$/.test(name)) return bytesText(value)
  return String(value)
}

function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = bytes
  let unit = 0
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024
  return `${Number(size.toFixed(1))} ${units[unit]}`
}
