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

/** Written and read by functions generated for the layout. F, G, V, w: as in `pane-kernel.ts`. */
export interface PaneFormat {
  write(out: ByteWriter, F: Float64Array, G: Int32Array, V: Uint8Array, w: number): void
  /** Whatever stood there; `bytes`: what the input reads. */
  read(input: ByteReader, bytes: Uint8Array, F: Float64Array, G: Int32Array, V: Uint8Array, w: number): void
}

export function compilePaneFormat({ measures }: PaneLayout, sketches: SketchSlab): PaneFormat {
  const [narrow, wide, far]: [number[], number[], number[]] = [[NUMBER], [], []]
  for (const { kind, at } of measures) {
    if (kind === 'count' || kind === 'countTrue') narrow.push(at)
    else if (kind === 'distinct') far.push(at)
    else for (let more = 0; more < WORDS[kind]; more++) wide.push(at + more)
  }
  const [writes, reads]: [string[], string[]] = [[], []]
  let size = 0
  const add = (word: string, type: string, bytes: number): void => {
    writes.push(`v.set${type}(p+${size},${word},true);`)
    reads.push(`${word}=v.get${type}(p+${size},true);`)
    size += bytes
  }
  for (const at of narrow) add(`G[2*w+${at}]`, 'Int32', 4)
  for (const at of wide) add(`F[w+${at}]`, 'Float64', 8)
  for (const at of far) {
    writes.push(`sketches.writeTo(out,V,8*(w+${at}));`)
    reads.push(`n=input.u32();sketches.put(V,8*(w+${at}),bytes,input.skip(n),n);`)
  }
  const body = `'use strict';
function write(out,F,G,V,w){const p=out.reserve(${size}),v=out.view;${writes.join('')}}
function read(input,bytes,F,G,V,w){let n=0;const p=input.skip(${size}),v=input.view;${reads.join('')}}
return {write,read}`
  return new Function('sketches', body)(sketches) as PaneFormat
}
