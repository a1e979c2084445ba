/**
 * A key group with panes as bytes, version 1. Little endian:
 *
 *   group    u32 MAGIC, f64 width in ms, u8 measures, u8 kind of each, u8 columns, entries to the end
 *   entry    as in `group-format.ts`; what follows droppedMs is: u32 panes, pane …
 *   pane     f64 number, measures; a number of one of them: f64; a sketch: u32 bytes, then the bytes
 *   row      that waits: f64 event time, f64 position, f64 each column (NaN for NULL; a text by its hash)
 */
import { type Measure, type MeasureKind, NUMBER, type PaneLayout } from '../compile/pane-layout.ts'
import type { ByteReader, ByteWriter } from './byte-writer.ts'
import type { SketchSlab } from './sketch-slab.ts'

const PANE_MAGIC = 0x31505645 // "EVP1"
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

/** 64-bit words that the measure has; 0: one half of one. */
function wideWords({ kind }: Measure): number {
  return kind === 'first' || kind === 'last'
    ? 3
    : kind === 'wholeSum' || kind === 'moments'
      ? 2
      : kind === 'count' || kind === 'countTrue'
        ? 0
        : 1
}

export function writePane(
  out: ByteWriter,
  layout: PaneLayout,
  F: Float64Array,
  G: Int32Array,
  V: Uint8Array,
  w: number,
  sketches: SketchSlab,
) {
  out.f64(G[2 * w + NUMBER]!)
  for (const measure of layout.measures) {
    const { kind, at } = measure
    if (kind === 'distinct') {
      sketches.writeTo(out, V, 8 * (w + at))
      continue
    }
    const words = wideWords(measure)
    if (words === 0) out.f64(G[2 * w + at]!)
    for (let word = 0; word < words; word++) out.f64(F[w + at + word]!)
  }
}

/** Into an empty pane; its number was read before. */
export function readPane(
  input: ByteReader,
  bytes: Uint8Array,
  layout: PaneLayout,
  F: Float64Array,
  G: Int32Array,
  V: Uint8Array,
  w: number,
  sketches: SketchSlab,
) {
  for (const measure of layout.measures) {
    const { kind, at } = measure
    if (kind === 'distinct') {
      const length = input.u32()
      sketches.put(V, 8 * (w + at), bytes, input.skip(length), length)
      continue
    }
    const words = wideWords(measure)
    if (words === 0) G[2 * w + at] = input.f64()
    for (let word = 0; word < words; word++) F[w + at + word] = input.f64()
  }
}
