/**
 * A source text with a mutant's edits, each of whose search texts must stand there exactly once.
 * @param {string} text
 * @param {{ search: string, replace: string }[]} edits
 * @returns {{ text: string } | { problem: string }}
 */
export function applied(text, edits) {
  let result = text
  for (const { search, replace } of edits) {
    const pieces = result.split(search)
    if (pieces.length !== 2) return { problem: `it holds ${JSON.stringify(search)} ${pieces.length - 1} times, not once` }
    result = pieces.join(replace)
  }
  return result === text ? { problem: 'the edits change nothing' } : { text: result }
}
