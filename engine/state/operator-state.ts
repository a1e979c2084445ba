/**
 * State of a subtask that belongs to no key, and how it is dealt out when a job goes on with another number of subtasks (semantics.md 10).
 * Each piece says itself what becomes of it; items are JSON values, never a list inside one blob, which could not be split.
 */

/** What one subtask wrote, or is given. */
export type OperatorStatePiece<T = unknown> =
  /** one of each subtask: every one goes to exactly one new subtask, which may get several (it adds them up) or none */
  | { readonly kind: 'value'; readonly items: readonly T[] }
  /** items of all subtasks in a row, dealt round robin */
  | { readonly kind: 'list'; readonly items: readonly T[] }
  /** everyone gets the items of all */
  | { readonly kind: 'union'; readonly items: readonly T[] }
  /** the same on every subtask: everyone gets one copy */
  | { readonly kind: 'broadcast'; readonly items: readonly [T] | readonly [] }

export type OperatorPieces = Readonly<Record<string, OperatorStatePiece>>

/** `written`: of each old subtask, in their order. One for each new subtask. */
export function redistribute(written: readonly OperatorPieces[], parallelism: number): OperatorPieces[] {
  const names = [...new Set(written.flatMap((pieces) => Object.keys(pieces)))]
  return Array.from({ length: parallelism }, (_, subtask) => {
    const given: Record<string, OperatorStatePiece> = {}
    for (const name of names)
      given[name] = share(
        written.map((pieces) => pieces[name]),
        subtask,
        parallelism,
      )
    return given
  })
}

function share(pieces: readonly (OperatorStatePiece | undefined)[], subtask: number, parallelism: number): OperatorStatePiece {
  const kind = pieces.find((piece) => piece !== undefined)!.kind
  const other = pieces.find((piece) => piece !== undefined && piece.kind !== kind)
  if (other) throw new Error(`one subtask wrote it as ${kind}, another as ${other.kind}`)
  const all = pieces.flatMap((piece) => [...(piece?.items ?? [])])
  switch (kind) {
    case 'value':
      return { kind, items: pieces.flatMap((piece, i) => (i % parallelism === subtask ? [...(piece?.items ?? [])] : [])) }
    case 'list':
      return { kind, items: all.filter((_, i) => i % parallelism === subtask) }
    case 'union':
      return { kind, items: all }
    case 'broadcast':
      return { kind, items: all.length > 0 ? [all[0]] : [] }
  }
}

/** The items of a piece; none where it was not written. */
export function itemsOf<T>(pieces: OperatorPieces | undefined, name: string): readonly T[] {
  return (pieces?.[name]?.items ?? []) as readonly T[]
}
