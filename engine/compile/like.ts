/** LIKE and ILIKE: `%` any text, `_` one character; no escape character but the one that ESCAPE names (as DuckDB). */
import type { Expr } from '../../definition/model.ts'
import type { Compiled } from './typed.ts'

export function compileLike(arg: Compiled, pattern: Compiled, expr: Extract<Expr, { kind: 'like' }>): Compiled {
  const cache = new Map<string, RegExp>()
  const matcher = (text: string): RegExp => {
    let found = cache.get(text)
    if (!found) {
      if (cache.size >= 1000) cache.clear() // patterns that come from events must not pile up
      found = likeToRegExp(text, expr.insensitive, expr.escape)
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

const SPECIAL = /[\\^$.*+?()[\]{}|/]/
const NOTHING = /[^\s\S]/

function likeToRegExp(pattern: string, insensitive: boolean, escape: string | undefined): RegExp {
  let source = ''
  let isEscaped = false
  for (const char of pattern) {
    if (char === escape && !isEscaped) {
      isEscaped = true
      continue
    }
    if (isEscaped) source += char.replace(SPECIAL, '\\$&')
    else if (char === '%') source += '[^]*'
    else if (char === '_') source += '[^]'
    else source += char.replace(SPECIAL, '\\$&')
    isEscaped = false
  }
  if (isEscaped) return NOTHING // the pattern ends with the escape character alone
  return new RegExp(`^${source}$`, insensitive ? 'ui' : 'u')
}
