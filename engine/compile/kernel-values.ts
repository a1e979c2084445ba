/** The part of a kernel's source text that reads: values of aggregates, and how long they are right. Names as in kernel-words.ts. */
import { decimalScale, type ExprType, isDecimal } from '../../definition/types.ts'
import type { Plan } from '../plan/plan.ts'
import type { KernelLayout } from './kernel-layout.ts'
import { KernelWords, RING } from './kernel-words.ts'
import { POW10 } from './value.ts'

export class KernelValues extends KernelWords {
  private readonly plan: Plan

  constructor(plan: Plan, layout: KernelLayout) {
    super(layout)
    this.plan = plan
  }

  /** Whether a window holds a row at the moment that the record stands for. */
  holds(): string {
    const any = this.layout.windows.map(({ edge }, w) => `${this.hi(edge)}>${this.lo(w)}`)
    return `function holds(f,g,k){const k2=2*k;return ${any.join('||')}}`
  }

  /** When the values of the moment that the record stands for stop being right without an event. */
  validUntil(): string {
    const { edges, windows } = this.layout
    const moments = [
      ...windows.map(({ leaveAt }) => `f[k+${leaveAt}]+1`),
      ...edges.map(({ endMs, enterAt }) => (endMs === 0 ? '' : `f[k+${enterAt}]`)),
    ].filter(Boolean)
    return `function validUntil(f,k){return Math.min(${moments.join(',')})}`
  }

  /** Values of all aggregates into out[a][o]: numbers, NaN for NULL, a text by its number; a decimal scaled. */
  evaluate(types: readonly ExprType[]): string {
    const lines = this.plan.aggregates.map((_, a) => `out[${a}][o]=${this.value(a, types)};`)
    return `function evaluate(f,g,k,out,o){const k2=2*k;${RING}${this.resums()}${lines.join('\n')}}`
  }

  private value(a: number, types: readonly ExprType[]): string {
    const { expr, window, input } = this.plan.aggregates[a]!
    const [lo, hi] = [this.lo(window), this.hi(this.layout.windows[window]!.edge)]
    const index = this.layout.quantityOf[a]!
    const quantity = this.layout.quantities[index]
    const type = input < 0 ? 'int' : types[input]!
    switch (expr.fn) {
      case 'first':
        return quantity
          ? `(g[k2+${quantity.at}]<${hi}?${this.column(input, this.row(`g[k2+${quantity.at}]`))}:NaN)`
          : `(${lo}<${hi}?${this.column(input, this.row(lo))}:NaN)`
      case 'last':
        return quantity
          ? `(g[k2+${quantity.at}]>=${lo}?${this.column(input, this.row(`g[k2+${quantity.at}]`))}:NaN)`
          : `(${lo}<${hi}?${this.column(input, this.row(`(${hi}-1)`))}:NaN)`
      default:
    }
    if (!quantity) return `${hi}-${lo}`
    if (quantity.kind === 'extreme') {
      const front = `g[k2+${quantity.at}]`
      return `(${front}<0?NaN:${this.column(input, this.row(front))})`
    }
    if (quantity.kind === 'ranked') return `ranks[${a}](${this.tree(quantity)},g[k2+${quantity.at}])`
    if (quantity.kind !== 'sum' && quantity.kind !== 'squares') return `g[k2+${quantity.at}]`
    const count = `g[k2+${this.layout.quantities[quantity.count]!.at}]`
    const sum = `(f[k+${quantity.at}]+f[k+${quantity.at + 1}])`
    if (quantity.kind === 'squares') {
      const values = this.layout.quantities.find((item) => item.kind === 'sum' && item.window === window && item.count === quantity.count)!
      const [s, q] = [values.at, quantity.at]
      return `moments('${expr.fn}',${count},f[k+${s}],f[k+${s + 1}],f[k+${q}],f[k+${q + 1}],${POW10[decimalScale(type) ?? 0]})`
    }
    if (expr.fn === 'avg') {
      if (type === 'double') return `(${count}===0?NaN:finite(${sum}/${count}))`
      return `(${count}===0?NaN:${sum}/${count}/${POW10[decimalScale(type) ?? 0]})`
    }
    if (type === 'double') return `(${count}===0?NaN:finite(${sum}))`
    return `(${count}===0?NaN:${isDecimal(type) ? 'decimal' : 'whole'}(f[k+${quantity.at}],f[k+${quantity.at + 1}]))`
  }

  /**
   * A sum of doubles is taken anew from the rows when what has left was so much larger than what is left that it may have spoilt
   * it, at most once in as many slides as the window has rows; or when it has left the doubles.
   */
  private resums(): string {
    return this.layout.quantities
      .map((quantity) => {
        if ((quantity.kind !== 'sum' && quantity.kind !== 'squares') || quantity.exact) return ''
        const { at, slides, window } = quantity
        const { edge } = this.layout.windows[window]!
        const sum = `f[k+${at}]+f[k+${at + 1}]`
        return `{const z=${sum},a=Math.abs(z);if(!(a<Infinity)||(a*${2 ** 20}<f[k+${at + 2}]&&g[k2+${slides}]>${this.hi(edge)}-${this.lo(window)})){
f[k+${at}]=0;f[k+${at + 1}]=0;
for(let s=${this.lo(window)},end=${this.hi(edge)};s<end;s++){const r=${this.row('s')},x=${this.selected(quantity, 'r')};if(x===x)${this.addOf(quantity, 'x')}}
f[k+${at + 2}]=Math.abs(${sum});g[k2+${slides}]=0}}`
      })
      .join('')
  }
}
