/** "did you mean …": the nearest of some names by edit distance (Damerau–Levenshtein, adjacent swaps count one). */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  const from = wanted.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(from.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(from, name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

export function didYouMean(wanted: string, names: Iterable<string>): string | undefined {
  const name = nearest(wanted, names)
  return name === undefined ? undefined : `did you mean \`${name}\`?`
}

function editDistance(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  if (Math.abs(left.length - right.length) > 8) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = right.map((_, j) => j).concat(right.length)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const substitution = left[i - 1] === right[j - 1] ? 0 : 1
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + substitution)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[right.length] ?? 0
}
