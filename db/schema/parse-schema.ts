/**
 * Reads a Prisma schema as far as tables go: columns, types, nullability, keys, indexes, references.
 * Only the forms our own schema uses; anything else throws, so that nothing is passed over in silence.
 */
export type Column = {
  name: string
  type: string // Prisma's scalar: String, Int, BigInt, Float, Boolean, DateTime, Json
  nullable: boolean
  native: string | null // VarChar(36), Text, …
  default: string | null // now(), autoincrement(), "viewer", 0, false
}
export type Reference = { column: string; table: string; target: string; onDelete: 'CASCADE' | 'RESTRICT' | 'SET NULL' }
export type Table = {
  name: string
  columns: Column[]
  primaryKey: string[]
  unique: string[][]
  indexes: string[][]
  references: Reference[]
}

const scalars = new Set(['String', 'Int', 'BigInt', 'Float', 'Boolean', 'DateTime', 'Json'])
const names = (list: string): string[] => list.split(',').map((name) => name.trim())

export function parseSchema(text: string): Table[] {
  return [...text.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)].map((match) => parseModel(match[1]!, match[2]!))
}

function parseModel(name: string, body: string): Table {
  const table: Table = { name, columns: [], primaryKey: [], unique: [], indexes: [], references: [] }
  for (const raw of body.split('\n')) {
    const line = raw.replace(/\/\/.*$/, '').trim()
    if (line === '') continue
    const block = /^@@(id|unique|index)\(\[([^\]]+)\]\)$/.exec(line)
    if (block) {
      if (block[1] === 'id') table.primaryKey = names(block[2]!)
      else table[block[1] === 'unique' ? 'unique' : 'indexes'].push(names(block[2]!))
      continue
    }
    parseField(table, line)
  }
  if (table.primaryKey.length === 0) throw new Error(`Model ${name} has no key.`)
  return table
}

function parseField(table: Table, line: string): void {
  const field = /^(\w+)\s+(\w+)(\?|\[\])?\s*(.*)$/.exec(line)
  if (!field) throw new Error(`Cannot read this line of model ${table.name}: ${line}`)
  const [, name, type, mark, rest] = field as unknown as [string, string, string, string | undefined, string]
  const relation = /@relation\(fields: \[(\w+)\], references: \[(\w+)\](?:, onDelete: (\w+))?\)/.exec(rest)
  if (relation) {
    const column = table.columns.find((c) => c.name === relation[1])
    const onDelete = relation[3] === 'Cascade' ? 'CASCADE' : column?.nullable ? 'SET NULL' : 'RESTRICT'
    table.references.push({ column: relation[1]!, table: type, target: relation[2]!, onDelete })
    return
  }
  if (!scalars.has(type)) return // the other side of a relation
  table.columns.push({
    name,
    type,
    nullable: mark === '?',
    native: /@db\.(\w+(?:\(\d+\))?)/.exec(rest)?.[1] ?? null,
    default: /@default\(("[^"]*"|[\w.]+(?:\(\))?)\)/.exec(rest)?.[1] ?? null,
  })
  if (/@id\b/.test(rest)) table.primaryKey = [name]
  if (/@unique\b/.test(rest)) table.unique.push([name])
}
