/** LIKE and ILIKE: `%` any text, `_` one character, no escape character (as DuckDB). */
import type { Expr } from '../../definition/model.ts'
import type { Compiled } from './typed.ts'

export function compileLike(arg: Compiled, pattern: Compiled, expr: Extract<Expr, { kind: 'like' }>): Compiled {
  const cache = new Map<string, RegExp>()
  const matcher = (text: string): RegExp => {
    let found = cache.get(text)
    if (!found) {
      if (cache.size >= 1000) cache.clear() // patterns that come from events must not pile up
      found = likeToRegExp(text, expr.insensitive)
      cache.set(text, found)
    }
    return found
  }
  return {
    type: 'boolean',
    run: (row, aggs, features) => {
      const value = arg.run(row, aggs, features)
      if (value === null) return null
      const wanted = pattern.run(row, aggs, features)
      return wanted === null ? null : matcher(String(wanted)).test(String(value)) !== expr.negated
    },
  }
}

function likeToRegExp(pattern: string, insensitive: boolean): RegExp {
  let source = ''
  for (const char of pattern) {
    if (char === '%') source += '[^]*'
    else if (char === '_') source += '[^]'
    else source += char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
  }
  return new RegExp(`^${source}$`, insensitive ? 'ui' : 'u')
}
