/**
 * A key group with panes as bytes, version 2. Little endian:
 *
 *   group    u32 MAGIC, f64 width in ms, u8 measures, u8 kind of each, u8 columns, entries to the end
 *   entry    as in `group-format.ts`; what follows droppedMs is: u32 panes, pane …
 *   pane     u32 number (as 32 bits with a sign), u32 each count, f64 each other number of the measures, each sketch: u32 bytes, then the bytes
 *   row      that waits: f64 event time, f64 position, f64 each column (NaN for NULL; a text by its hash)
 */
import { type MeasureKind, NUMBER, type PaneLayout, WORDS } from '../compile/pane-layout.ts'
import type { ByteReader, ByteWriter } from './byte-writer.ts'
import type { SketchSlab } from './sketch-slab.ts'

const PANE_MAGIC = 0x32505645 // "EVP2": whatever changes in these bytes changes it, so that nothing is misread
const KINDS: readonly MeasureKind[] = ['count', 'countTrue', 'sum', 'wholeSum', 'min', 'max', 'first', 'last', 'moments', 'distinct']

export const isPaneFormat = (bytes: Uint8Array): boolean =>
  bytes.length >= 5 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === PANE_MAGIC

export function writePaneHead(out: ByteWriter, { widthMs, measures, texts }: PaneLayout): void {
  out.u32(PANE_MAGIC)
  out.f64(widthMs)
  out.u8(measures.length)
  for (const { kind } of measures) out.u8(KINDS.indexOf(kind))
  out.u8(texts.length)
}

/** @throws Error where the panes are not those of the layout. */
export function readPaneHead(input: ByteReader, { widthMs, measures, texts }: PaneLayout): void {
  input.u32()
  const width = input.f64()
  const kinds = Array.from({ length: input.u8() }, () => KINDS[input.u8()])
  const columns = input.u8()
  if (
    width !== widthMs ||
    kinds.length !== measures.length ||
    measures.some(({ kind }, i) => kinds[i] !== kind) ||
    columns !== texts.length
  )
    throw new Error(
      `the state holds panes of ${width} ms with ${kinds.join(', ')}; the view keeps panes of ${widthMs} ms with ${measures.map(({ kind }) => kind).join(', ')}`,
    )
}

/** Where the words of a pane stand, in the order in which they are written: counts, other numbers, sketches. */
export interface PaneWords {
  readonly narrow: Int32Array
  readonly wide: Int32Array
  readonly sketches: Int32Array
}

export function paneWords({ measures }: PaneLayout): PaneWords {
  const [narrow, wide, sketches]: [number[], number[], number[]] = [[], [], []]
  for (const { kind, at } of measures) {
    if (kind === 'count' || kind === 'countTrue') narrow.push(at)
    else if (kind === 'distinct') sketches.push(at)
    else for (let more = 0; more < WORDS[kind]; more++) wide.push(at + more)
  }
  return { narrow: Int32Array.from(narrow), wide: Int32Array.from(wide), sketches: Int32Array.from(sketches) }
}

export function writePane(
  out: ByteWriter,
  words: PaneWords,
  F: Float64Array,
  G: Int32Array,
  V: Uint8Array,
  w: number,
  slab: SketchSlab,
): void {
  const { narrow, wide, sketches } = words
  let at = out.reserve(4 + 4 * narrow.length + 8 * wide.length)
  const { view } = out
  view.setInt32(at, G[2 * w + NUMBER]!, true)
  at += 4
  for (let i = 0; i < narrow.length; i++, at += 4) view.setInt32(at, G[2 * w + narrow[i]!]!, true)
  for (let i = 0; i < wide.length; i++, at += 8) view.setFloat64(at, F[w + wide[i]!]!, true)
  for (let i = 0; i < sketches.length; i++) slab.writeTo(out, V, 8 * (w + sketches[i]!))
}

/** Into an empty pane; `bytes`: what the input reads. */
export function readPane(
  input: ByteReader,
  bytes: Uint8Array,
  words: PaneWords,
  F: Float64Array,
  G: Int32Array,
  V: Uint8Array,
  w: number,
  slab: SketchSlab,
): void {
  const { narrow, wide, sketches } = words
  let at = input.skip(4 + 4 * narrow.length + 8 * wide.length)
  const { view } = input
  G[2 * w + NUMBER] = view.getInt32(at, true)
  at += 4
  for (let i = 0; i < narrow.length; i++, at += 4) G[2 * w + narrow[i]!] = view.getInt32(at, true)
  for (let i = 0; i < wide.length; i++, at += 8) F[w + wide[i]!] = view.getFloat64(at, true)
  for (let i = 0; i < sketches.length; i++) {
    const length = input.u32()
    slab.put(V, 8 * (w + sketches[i]!), bytes, input.skip(length), length)
  }
}
