/** A problem's place, counted in lines and code points from 1, as offsets in the editor's text (UTF-16 from 0). */
export function rangeOf(
  text: string,
  { line, column, endColumn }: { line: number; column: number; endColumn?: number | undefined },
): { from: number; to: number } {
  const lines = text.split('\n')
  const at = Math.min(Math.max(line, 1), lines.length)
  let start = 0
  for (let n = 0; n < at - 1; n++) start += (lines[n] as string).length + 1
  const body = lines[at - 1] as string
  const points = [...body]
  const unit = (point: number) => points.slice(0, Math.max(0, Math.min(point - 1, points.length))).join('').length
  const from = start + unit(column)
  if (endColumn !== undefined && endColumn > column) return { from, to: start + unit(endColumn) }
  // No end given: the word that begins there, or one character, or the last one of the line.
  const word = /^["\p{L}\p{N}_]+/u.exec(body.slice(from - start))?.[0].length ?? 1
  const to = Math.min(from + word, start + body.length)
  return to > from ? { from, to } : { from: Math.max(start, from - 1), to }
}
