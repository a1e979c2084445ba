/**
 * What all pieces of a kernel's source text are made of. Names in them: f, g: 64- and 32-bit words of the chunk with the key's record, k: the record's
 * first 64-bit word, k2 = 2k; R, Q: 64- and 32-bit words of the chunk with its rows, base, mask: their ring; s: a row's sequence
 * number, r: its first 64-bit word, q = 2r.
 */
import { I_ROW_BASE, I_ROW_CHUNK, I_ROW_MASK, I_TAIL } from '../state/slab-keys.ts'
import type { KernelLayout, Quantity, Selection } from './kernel-layout.ts'

export const RING = `const R=RF[g[k2+${I_ROW_CHUNK}]],Q=RI[g[k2+${I_ROW_CHUNK}]],base=g[k2+${I_ROW_BASE}],mask=g[k2+${I_ROW_MASK}];`

export class KernelWords {
  protected readonly layout: KernelLayout
  private readonly stride: string

  constructor(layout: KernelLayout) {
    this.layout = layout
    this.stride = String(layout.rowWords)
  }

  protected row(s: string): string {
    return `base+(${s}&mask)*${this.stride}`
  }

  /** A kept column of the row at r: a number, NaN for NULL, a text by its number. */
  protected column(c: number, r: string): string {
    const { kind, at, shift } = this.layout.columns[c]!
    if (kind === 'number') return `R[${r}+${at}]`
    if (kind === 'boolean') return `BOOLEANS[(Q[2*(${r})+${at}]>>>${shift})&3]`
    return `textNumber(Q[2*(${r})+${at}])`
  }

  protected passes(filter: number, r: string): string {
    const { at, shift } = this.layout.columns[filter]!
    return `((Q[2*(${r})+${at}]>>>${shift})&3)===2`
  }

  protected selected({ input, filter, beside = -1 }: Selection, r: string): string {
    const own = input < 0 ? '1' : this.column(input, r)
    const value = beside < 0 ? own : `(${this.column(beside, r)}===${this.column(beside, r)}?${own}:NaN)`
    return filter < 0 ? value : `(${this.passes(filter, r)}?${value}:NaN)`
  }

  /** Sequence number behind the newest row that has come into the edge. */
  protected hi(edge: number): string {
    const { endMs, hi } = this.layout.edges[edge]!
    return endMs === 0 ? `g[k2+${I_TAIL}]` : `g[k2+${hi}]`
  }

  protected lo(window: number): string {
    return `g[k2+${this.layout.windows[window]!.lo}]`
  }

  protected quantitiesOf(window: number): Quantity[] {
    return this.layout.quantities.filter((quantity) => quantity.window === window)
  }

  /** The tree of a window's rows, over the key's ring. */
  protected tree(quantity: Quantity): string {
    return `trees[${this.layout.quantities.indexOf(quantity)}].over(R,Q,base,mask)`
  }

  /** x as what is added for it: itself, or its square with what that has below a double's precision. */
  protected addOf({ kind, at }: Quantity, value: string, more = ''): string {
    if (kind !== 'squares') return this.addTo(at, value, more)
    const sign = value === 'x' ? '' : '-'
    return `{const p=x*x,e=squareRest(x,p);${this.addTo(at, `(${sign}p)`, more)}f[k+${at + 1}]+=${sign}e}`
  }

  protected addTo(word: number, value: string, more = ''): string {
    return `{const a=f[k+${word}],b=a+${value},c=b-a;f[k+${word}]=b;f[k+${word + 1}]+=(a-(b-c))+(${value}-c);${more}}` // Knuth's TwoSum: nothing is lost
  }
}
