/** The select list of a statement: what stands in it, and its names as written. */
import type { Node, ResTarget, SelectStmt } from 'libpg-query'
import type { SqlTokens } from './sql-tokens.ts'

export type Target = { node: Node | undefined; byte: number | undefined; name: string | undefined; aliasByte: number | undefined }

/** The select list. An alias has no place in the tree: it is the last token before the comma, or before FROM. */
export function readTargets(select: SelectStmt, tableByte: number, tokens: SqlTokens): Target[] {
  const nodes = (select.targetList ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget as ResTarget] : []))
  return nodes.map((target, i) => {
    const next = nodes[i + 1]
    const separator = next ? tokens.before(next.location ?? 0) : fromToken(tokens, tableByte)
    const last = separator && tokens.before(separator.start)
    if (target.name === undefined) return { node: target.val, byte: target.location, name: undefined, aliasByte: undefined }
    return { node: target.val, byte: target.location, name: tokens.name(last, target.name).name, aliasByte: last?.start }
  })
}

/** The word FROM before the stream's name (ONLY may stand between). */
function fromToken(tokens: SqlTokens, tableByte: number): ReturnType<SqlTokens['before']> {
  let token = tokens.before(tableByte)
  while (token && token.text.toLowerCase() !== 'from') token = tokens.before(token.start)
  return token
}
