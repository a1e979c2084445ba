/**
 * JavaScript with what is no code (comments, texts, regular expressions) turned into blanks, every character in its place: so that a
 * rule about code does not trip over a comment. The code inside `${…}` of a template stays.
 */
const REGEX_MAY_FOLLOW = /(^|[=(,:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|do|else|void|delete|throw|new))\s*$/

export function maskCode(source: string): string {
  const out = [...source].length === source.length ? source.split('') : Array.from({ length: source.length }, (_, i) => source[i]!)
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' '
  }
  /** the braces open in each template that is open: at 0 a closing one leads back into its text */
  const templates: number[] = []
  let at = 0
  const skipText = (quote: string): void => {
    const from = at++
    while (at < source.length && source[at] !== quote && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1
    at++
    blank(from + 1, Math.min(at - 1, source.length))
  }
  const skipTemplate = (): void => {
    const from = at
    while (at < source.length) {
      if (source[at] === '\\') at += 2
      else if (source[at] === '`') {
        blank(from, at++)
        return
      } else if (source[at] === '$' && source[at + 1] === '{') {
        blank(from, at)
        at += 2
        templates.push(0)
        return
      } else at++
    }
    blank(from, source.length)
  }
  while (at < source.length) {
    const char = source[at]!
    if (char === '/' && (source[at + 1] === '/' || source[at + 1] === '*')) {
      const end = source[at + 1] === '/' ? source.indexOf('\n', at) : source.indexOf('*/', at) + 2
      const to = end < at + 2 ? source.length : end
      blank(at, to)
      at = to
    } else if (char === '/' && REGEX_MAY_FOLLOW.test(out.slice(Math.max(0, at - 20), at).join(''))) {
      const from = at++
      for (let inClass = false; at < source.length && source[at] !== '\n' && (inClass || source[at] !== '/'); at++) {
        if (source[at] === '\\') at++
        else if (source[at] === '[') inClass = true
        else if (source[at] === ']') inClass = false
      }
      blank(from + 1, at++)
    } else if (char === "'" || char === '"') skipText(char)
    else if (char === '`') {
      at++
      skipTemplate()
    } else {
      at++
      const open = templates.length - 1
      if (open < 0) continue
      if (char === '{') templates[open]!++
      else if (char === '}' && templates[open]!-- === 0) {
        templates.pop()
        skipTemplate()
      }
    }
  }
  return out.join('')
}
